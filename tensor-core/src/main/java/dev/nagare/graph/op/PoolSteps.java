package dev.nagare.graph.op;

import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Window;
import org.jspecify.annotations.Nullable;

/**
 * Pooling element by element, for what the kernels do not do: more than two spatial axes, windows
 * that see much padding, averages with gaps, positions of the largest.
 */
final class PoolSteps {
  private PoolSteps() {}

  /** The window for the kernels, or null if they do not do it. */
  static @Nullable Window kernel(SlidingWindow window, Tensor x, Tensor y) {
    int axes = window.kernel().size();
    if (!Elementwise.isKernel(x.dtype())
        || !Layouts.isChannelsLast(x)
        || !Layouts.isChannelsLast(y)) {
      return null;
    }
    long[] sizes = new long[axes];
    long[] positions = new long[axes];
    for (int axis = 0; axis < axes; axis++) {
      sizes[axis] = x.dim(axis + 2);
      positions[axis] = y.dim(axis + 2);
    }
    Window found = window.window(sizes, positions);
    boolean fits =
        2 * Math.max(found.top(), found.bottom()) <= found.kernelH()
            && 2 * Math.max(found.left(), found.right()) <= found.kernelW();
    return fits ? found : null;
  }

  static Step max(
      SlidingWindow window, Tensor x, Tensor y, @Nullable Tensor positions, boolean columns) {
    Walk walk = new Walk(window, x, y);
    return () -> {
      for (long at = 0, end = y.elements(); at < end; at++) {
        walk.begin(at);
        long best = -1;
        double largest = Double.NEGATIVE_INFINITY;
        while (walk.next()) {
          double value = x.get(walk.pixel);
          if (best < 0 || value > largest || Double.isNaN(value)) {
            best = walk.pixel;
            largest = value;
          }
        }
        y.set(at, largest);
        if (positions != null) {
          positions.setLong(at, columns ? walk.columns(best) : best);
        }
      }
    };
  }

  static Step average(SlidingWindow window, boolean countIncludePad, Tensor x, Tensor y) {
    Walk walk = new Walk(window, x, y);
    return () -> {
      for (long at = 0, end = y.elements(); at < end; at++) {
        walk.begin(at);
        double sum = 0;
        while (walk.next()) {
          sum += x.get(walk.pixel);
        }
        y.set(at, sum / (countIncludePad ? walk.padded : walk.seen));
      }
    };
  }

  /** The pixels that one position of a window sees, in row-major order. */
  private static final class Walk {
    private final SlidingWindow window;
    private final int axes;
    private final long[] sizes;
    private final long[] outs;
    private final long[] start;
    private final int[] tap;
    private long image;
    private boolean ended;

    /** Position of the pixel in all of x. */
    long pixel;

    /** How many of the window's elements have been in the image, and in image or padding. */
    long seen;

    long padded;

    Walk(SlidingWindow window, Tensor x, Tensor y) {
      this.window = window;
      axes = window.kernel().size();
      sizes = new long[axes];
      outs = new long[axes];
      start = new long[axes];
      tap = new int[axes];
      for (int axis = 0; axis < axes; axis++) {
        sizes[axis] = x.dim(axis + 2);
        outs[axis] = y.dim(axis + 2);
      }
    }

    void begin(long at) {
      long rest = at;
      long all = 1;
      for (int axis = axes - 1; axis >= 0; axis--) {
        start[axis] = rest % outs[axis] * stride(axis) - window.before().get(axis);
        rest /= outs[axis];
        all *= sizes[axis];
        tap[axis] = 0;
      }
      image = rest * all;
      seen = 0;
      padded = 0;
      ended = false;
    }

    private int stride(int axis) {
      return window.strides().get(axis);
    }

    boolean next() {
      while (!ended) {
        boolean inImage = true;
        boolean inPadding = true;
        long offset = 0;
        for (int axis = 0; axis < axes; axis++) {
          long i = start[axis] + (long) tap[axis] * window.dilations().get(axis);
          inImage &= i >= 0 && i < sizes[axis];
          inPadding &= i < sizes[axis] + window.after().get(axis);
          offset = offset * sizes[axis] + i;
        }
        advance();
        padded += inPadding ? 1 : 0;
        if (inImage) {
          seen++;
          pixel = image + offset;
          return true;
        }
      }
      return false;
    }

    private void advance() {
      for (int axis = axes - 1; axis >= 0; axis--) {
        if (++tap[axis] < window.kernel().get(axis)) {
          return;
        }
        tap[axis] = 0;
      }
      ended = true;
    }

    /** The same position where the first spatial axis counts fastest. */
    long columns(long position) {
      long all = 1;
      for (long size : sizes) {
        all *= size;
      }
      long rest = position % all;
      long result = 0;
      for (int axis = axes - 1; axis >= 0; axis--) {
        long factor = 1;
        for (int before = 0; before < axis; before++) {
          factor *= sizes[before];
        }
        result += rest % sizes[axis] * factor;
        rest /= sizes[axis];
      }
      return position - position % all + result;
    }
  }
}
