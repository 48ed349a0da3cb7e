package dev.nagare.graph.op;

import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;

/** Views in the order of memory, which kernels for contiguous tensors take. */
final class Layouts {
  private Layouts() {}

  /** The axes of a tensor from the slowest to the fastest. */
  static int[] order(Tensor x) {
    Integer[] axes = new Integer[x.shape().rank()];
    Arrays.setAll(axes, i -> i);
    if (!x.isContiguous()) {
      long[] strides = x.strides();
      Arrays.sort(axes, (a, b) -> Long.compare(strides[b], strides[a]));
    }
    return Arrays.stream(axes).mapToInt(i -> i).toArray();
  }

  /** An operand with as many axes as there are in the order, seen in it. */
  static Tensor seen(Tensor x, int[] order) {
    Tensor view = x;
    while (view.shape().rank() < order.length) {
      view = view.unsqueeze(0);
    }
    return view.permute(order);
  }

  /** A tensor of the same shape that lies in the same order. */
  static Tensor like(Tensor x, Memory memory) {
    int[] order = order(x);
    Tensor seen = memory.empty(x.dtype(), x.permute(order).shape());
    int[] back = new int[order.length];
    for (int i = 0; i < back.length; i++) {
      back[order[i]] = i;
    }
    return seen.permute(back);
  }

  /** Whether images or sequences lie channels last. */
  static boolean isChannelsLast(Tensor x) {
    int rank = x.shape().rank();
    return (rank == 3 || rank == 4) && pixels(x).isContiguous();
  }

  /** Images {@code [N, C, H, W]} as {@code [N, H, W, C]}; sequences are images of height 1. */
  static Tensor channelsLast(String op, Tensor x) {
    if (!isChannelsLast(x)) {
      throw TensorException.mismatch(op + ": " + x + " does not lie channels last");
    }
    return pixels(x);
  }

  private static Tensor pixels(Tensor x) {
    return x.shape().rank() == 3 ? x.permute(0, 2, 1).unsqueeze(1) : x.permute(0, 2, 3, 1);
  }
}
