package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.op.SlidingWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What convolutions and poolings say of their windows: {@code kernel_shape}, {@code strides},
 * {@code dilations}, {@code pads} and {@code auto_pad}.
 */
final class Spatial {
  private Spatial() {}

  /** The window of a node whose first input is {@code [N, C, ..]}. */
  static SlidingWindow window(NodeReader node, List<Long> kernel) {
    Fact x = node.fact(0);
    int axes = x.rank() - 2;
    if (axes < 1 || kernel.size() != axes) {
      throw node.refuse("kernel " + kernel + " for " + x + ", expected one size for each axis");
    }
    List<Long> strides = orOnes(node, "strides", axes);
    List<Long> dilations = orOnes(node, "dilations", axes);
    List<Long> pads = node.integers("pads");
    if (pads != null && pads.size() != 2 * axes) {
      throw node.refuse("pads " + pads + ", expected two for each axis of " + x);
    }
    String auto = node.text("auto_pad", "NOTSET");
    List<Integer> before = new ArrayList<>();
    List<Integer> after = new ArrayList<>();
    for (int axis = 0; axis < axes; axis++) {
      long reach = dilations.get(axis) * (kernel.get(axis) - 1) + 1;
      switch (auto) {
        case "NOTSET", "" -> {
          before.add(pads == null ? 0 : Math.toIntExact(pads.get(axis)));
          after.add(pads == null ? 0 : Math.toIntExact(pads.get(axes + axis)));
        }
        case "VALID" -> {
          before.add(0);
          after.add(0);
        }
        case "SAME_UPPER", "SAME_LOWER" -> {
          int all = same(node, x.dim(axis + 2), reach, strides.get(axis));
          int half = all / 2;
          before.add(auto.equals("SAME_UPPER") ? half : all - half);
          after.add(auto.equals("SAME_UPPER") ? all - half : half);
        }
        default -> throw node.refuse("auto_pad " + auto);
      }
    }
    return new SlidingWindow(ints(kernel), ints(strides), ints(dilations), before, after);
  }

  /** So much padding that there are {@code ⌈size / stride⌉} positions. */
  private static int same(NodeReader node, Dim size, long reach, long stride) {
    if (stride == 1) {
      return Math.toIntExact(reach - 1);
    }
    if (!size.isKnown()) {
      throw node.refuse("the padding of auto_pad depends on the size " + size);
    }
    long positions = (size.value() + stride - 1) / stride;
    return Math.toIntExact(Math.max(0, (positions - 1) * stride + reach - size.value()));
  }

  private static List<Long> orOnes(NodeReader node, String name, int axes) {
    List<Long> given = node.integers(name);
    if (given == null || given.isEmpty()) {
      return LongStream.generate(() -> 1).limit(axes).boxed().toList();
    }
    if (given.size() != axes) {
      throw node.refuse(name + " " + given + ", expected " + axes + " numbers");
    }
    return given;
  }

  private static List<Integer> ints(List<Long> numbers) {
    return numbers.stream().map(Math::toIntExact).toList();
  }

  /** The spatial axes of {@code [N, C, ..]}. */
  static List<Integer> axes(NodeReader node) {
    int rank = node.fact(0).rank();
    if (rank < 3) {
      throw node.refuse("expected [N, C, ..], got " + node.fact(0));
    }
    return IntStream.range(2, rank).boxed().toList();
  }
}
