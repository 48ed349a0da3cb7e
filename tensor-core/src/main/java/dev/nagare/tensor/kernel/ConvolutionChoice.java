package dev.nagare.tensor.kernel;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.kernel.prepared.ConvolutionSpec;

/**
 * Which kernel of ours computes a prepared convolution; see decision 83. A table of shapes, never a
 * measurement. It asks neither how many images there are nor how many rows, so that parts of a
 * convolution are computed as the whole is.
 */
public enum ConvolutionChoice {
  /** Winograd's minimal filtering. */
  WINOGRAD,
  /** Anything else. */
  OTHER;

  /** Columns of a result from which tiles pay. */
  private static final long COLUMNS = 12;

  /** The choice. */
  public static ConvolutionChoice of(ConvolutionSpec s) {
    Window w = s.window();
    boolean plain =
        s.dtype() == DType.F32
            && s.result() == DType.F32
            && s.groups() == 1
            && w.dilationH() == 1
            && w.dilationW() == 1
            && s.o() % Loops.PARTIALS == 0
            && SimplePost.is(s.post(), s.operands());
    if (!plain) {
      return OTHER;
    }
    boolean three = w.kernelH() == 3 && w.kernelW() == 3 && w.strideH() == 1 && w.strideW() == 1;
    return three && s.c() % Loops.PARTIALS == 0 && w.outW(s.w()) >= COLUMNS ? WINOGRAD : OTHER;
  }
}
