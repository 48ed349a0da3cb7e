package dev.nagare.models.image;

/**
 * From a file to the numbers of one row of a model's input: decode, channels, fit, normalise.
 *
 * <p>Immutable, for any number of threads; pure.
 *
 * @param width of the model's pictures, pixels
 * @param height of the model's pictures, pixels
 * @param fit how a picture of any shape becomes one of that size
 * @param shortestEdge pixels of the shorter side before the middle is cut out
 * @param resize filter
 * @param channels that the model sees
 * @param normalize numbers of samples
 * @param channelsFirst NCHW rather than NHWC
 */
public record ImageSteps(
    int width,
    int height,
    Fit fit,
    int shortestEdge,
    Resize resize,
    Channels channels,
    Normalize normalize,
    boolean channelsFirst) {

  /**
   * The numbers of a picture.
   *
   * @throws ImageException if the file cannot be decoded
   */
  public float[] of(ImageFile file) {
    Rows picture = channels.of(Decoder.decode(file));
    Picture fitted = fit.of(picture, width, height, shortestEdge, resize);
    return normalize.of(fitted, channelsFirst, channels == Channels.BGR);
  }

  /** The shape of one row. */
  public long[] shape() {
    return channelsFirst
        ? new long[] {1, channels.count(), height, width}
        : new long[] {1, height, width, channels.count()};
  }
}
