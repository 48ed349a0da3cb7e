package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * How a pooling slides over any number of spatial axes.
 *
 * @param kernel sizes
 * @param strides steps between positions
 * @param dilations steps between the kernel's elements
 * @param before padding before each axis
 * @param after padding after each axis
 */
public record SlidingWindow(
    List<Integer> kernel,
    List<Integer> strides,
    List<Integer> dilations,
    List<Integer> before,
    List<Integer> after) {
  /** Copies the lists and checks that they fit each other. */
  public SlidingWindow {
    kernel = List.copyOf(kernel);
    strides = List.copyOf(strides);
    dilations = List.copyOf(dilations);
    before = List.copyOf(before);
    after = List.copyOf(after);
    int axes = kernel.size();
    boolean fits =
        axes > 0
            && List.of(strides, dilations, before, after).stream()
                .allMatch(list -> list.size() == axes)
            && List.of(kernel, strides, dilations).stream()
                .allMatch(list -> list.stream().allMatch(size -> size >= 1))
            && List.of(before, after).stream()
                .allMatch(list -> list.stream().allMatch(size -> size >= 0));
    if (!fits) {
      throw TensorException.mismatch(
          "window: kernel "
              + kernel
              + " strides "
              + strides
              + " dilations "
              + dilations
              + " padding "
              + before
              + " and "
              + after
              + ", expected one number for each axis, 1 or more, padding 0 or more");
    }
  }

  /** A dense kernel that moves by one and sees no padding. */
  public static SlidingWindow of(Integer... kernel) {
    List<Integer> sizes = List.of(kernel);
    List<Integer> ones = sizes.stream().map(size -> 1).toList();
    List<Integer> zeros = sizes.stream().map(size -> 0).toList();
    return new SlidingWindow(sizes, ones, ones, zeros, zeros);
  }

  /** The last axes, one or two, of a kernel's window. */
  public static SlidingWindow of(Window window, int axes) {
    List<Integer> kernel = List.of(window.kernelH(), window.kernelW());
    List<Integer> strides = List.of(window.strideH(), window.strideW());
    List<Integer> dilations = List.of(window.dilationH(), window.dilationW());
    List<Integer> before = List.of(window.top(), window.left());
    List<Integer> after = List.of(window.bottom(), window.right());
    int from = 2 - axes;
    return new SlidingWindow(
        kernel.subList(from, 2),
        strides.subList(from, 2),
        dilations.subList(from, 2),
        before.subList(from, 2),
        after.subList(from, 2));
  }

  /** The same with these strides. */
  public SlidingWindow strides(Integer... by) {
    return new SlidingWindow(kernel, List.of(by), dilations, before, after);
  }

  /** The same with so much padding on both sides. */
  public SlidingWindow padding(Integer... by) {
    return new SlidingWindow(kernel, strides, dilations, List.of(by), List.of(by));
  }

  /** From the first to the last element that the kernel sees along a spatial axis. */
  long reach(int axis) {
    return (long) dilations.get(axis) * (kernel.get(axis) - 1) + 1;
  }

  /** The result's shape for an image {@code [N, C, ..]}. */
  List<Dim> out(String op, Fact x, boolean ceil) {
    if (x.rank() != kernel.size() + 2) {
      throw TensorException.mismatch(
          op + ": kernel " + kernel + " on " + x + ", expected " + (kernel.size() + 2) + " axes");
    }
    var shape = new ArrayList<Dim>(List.of(x.dim(0), x.dim(1)));
    for (int axis = 0; axis < kernel.size(); axis++) {
      shape.add(out(op, x, axis, ceil));
    }
    return shape;
  }

  private Dim out(String op, Fact x, int axis, boolean ceil) {
    Dim size = x.dim(axis + 2);
    int stride = strides.get(axis);
    Dim room = size.plus((long) before.get(axis) + after.get(axis) - reach(axis));
    if (room.isKnown() && room.value() < 0) {
      throw TensorException.mismatch(op + ": " + x.shape() + " is smaller than the window " + this);
    }
    Dim positions = room.plus(ceil ? stride - 1 : 0).floorDiv(stride).plus(1);
    // A last window that would begin in the padding after the image is left out.
    if (ceil
        && positions.isKnown()
        && (positions.value() - 1) * stride >= size.value() + before.get(axis)) {
      return positions.plus(-1);
    }
    return positions;
  }

  /**
   * The same for the two axes of an image, or one of height 1, whose padding ends where the last of
   * so many positions ends.
   */
  public Window window(long[] sizes, long[] positions) {
    int axes = kernel.size();
    int[] after = new int[axes];
    for (int axis = 0; axis < axes; axis++) {
      long end = (positions[axis] - 1) * strides.get(axis) + reach(axis);
      after[axis] = Math.toIntExact(Math.max(0, end - sizes[axis] - before.get(axis)));
    }
    int w = axes - 1;
    return axes == 1
        ? new Window(
            1, kernel.get(w), 1, strides.get(w), 1, dilations.get(w), 0, before.get(w), 0, after[w])
        : new Window(
            kernel.get(0),
            kernel.get(w),
            strides.get(0),
            strides.get(w),
            dilations.get(0),
            dilations.get(w),
            before.get(0),
            before.get(w),
            after[0],
            after[w]);
  }
}
