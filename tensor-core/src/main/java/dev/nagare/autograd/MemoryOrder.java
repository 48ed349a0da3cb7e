package dev.nagare.autograd;

import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Dense tensors seen in the order of their memory, so that kernels for contiguous tensors serve
 * them, whatever the order of their axes: images are logical {@code [N, C, H, W]} and lie as {@code
 * [N, H, W, C]}.
 *
 * <p>An order lists the axes from the slowest to the fastest; null is row-major.
 */
final class MemoryOrder {
  private MemoryOrder() {}

  /** The order in which a dense tensor lies; row-major for one that is not dense. */
  static int @Nullable [] of(Tensor x) {
    if (x.isContiguous() || !x.isDense()) {
      return null;
    }
    Integer[] axes = new Integer[x.shape().rank()];
    Arrays.setAll(axes, i -> i);
    long[] strides = x.strides();
    Arrays.sort(axes, (a, b) -> Long.compare(strides[b], strides[a]));
    return Arrays.stream(axes).mapToInt(i -> i).toArray();
  }

  /** The order of images and sequences with channels last: the second axis moves to the end. */
  static int @Nullable [] channelsLast(int rank) {
    if (rank < 3) {
      return null;
    }
    int[] order = new int[rank];
    for (int i = 1; i < rank - 1; i++) {
      order[i] = i + 1;
    }
    order[rank - 1] = 1;
    return order;
  }

  /** The tensor with its axes in an order, contiguous: a view if it lies so, otherwise a copy. */
  static Tensor seen(Tape tape, Tensor x, int @Nullable [] order) {
    return view(x, order).contiguous(tape.scope());
  }

  /** What was seen in an order, with its axes as they were. */
  static Tensor restored(Tensor seen, int @Nullable [] order) {
    if (order == null) {
      return seen;
    }
    int[] back = new int[order.length];
    for (int i = 0; i < back.length; i++) {
      back[order[i]] = i;
    }
    return seen.permute(back);
  }

  /** Whether a tensor, seen in an order, is contiguous. */
  static boolean lies(Tensor x, int @Nullable [] order) {
    return view(x, order).isContiguous();
  }

  /** Zeros that lie as a tensor does. */
  static Tensor zerosLike(Memory memory, Tensor x) {
    int[] order = of(x);
    Shape shape = view(x, order).isContiguous() ? view(x, order).shape() : x.shape();
    return restored(memory.zeros(x.dtype(), shape), order);
  }

  /**
   * Adds to the gradient of an operand what a kernel for contiguous tensors adds.
   *
   * @param order in which the kernel sees it
   * @param kernel is given the gradient, or zeros that are added to it if it lies otherwise
   */
  static void add(Tape tape, Variable to, int @Nullable [] order, Consumer<Tensor> kernel) {
    Tensor sum = to.stridedAccumulator(tape);
    Tensor target = view(sum, order);
    if (target.isContiguous()) {
      kernel.accept(target);
      return;
    }
    Tensor part = tape.scope().zeros(sum.dtype(), target.shape());
    kernel.accept(part);
    Broadcast.add(tape, 1, restored(part, order), sum);
  }

  private static Tensor view(Tensor x, int @Nullable [] order) {
    return order == null ? x : x.permute(order);
  }
}
