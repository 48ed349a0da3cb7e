package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.Window;

/**
 * The largest or the mean of what a window sees of an image, in each channel.
 *
 * <p>The mean of whole images is a window of their size. A window that is cut at the lower or right
 * edge, ONNX's {@code ceil_mode}, is more padding there.
 *
 * @param kind what of it
 * @param n images, contiguous {@code [N, H, W, C]}
 * @param h rows of x
 * @param w columns of x
 * @param c channels
 * @param window size, strides and padding; for a mean, without dilation
 * @param dtype of x and y
 */
public record PoolingSpec(Kind kind, long n, long h, long w, long c, Window window, DType dtype) {
  /** What is computed. */
  public enum Kind {
    /** The largest; padding counts for nothing. */
    MAX,
    /** The mean of the pixels that are there. */
    MEAN,
    /** The mean with padding as zeros. */
    MEAN_WITH_PADDING
  }

  /** Checks. */
  public PoolingSpec {
    Specs.positive("pooling", "images [N, H, W, C]", n, h, w, c);
    Specs.seen("pooling", window, h, w);
    Specs.computable("pooling", dtype, dtype);
    Specs.pooled(kind, window);
  }

  /** {@code [N, H', W', C]}. */
  public Shape output() {
    return Shape.of(n, window.outH(h), window.outW(w), c);
  }
}
