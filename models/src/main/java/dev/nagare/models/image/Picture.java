package dev.nagare.models.image;

/**
 * Pixels, row by row from the top, from the left within a row.
 *
 * @param width pixels
 * @param height pixels
 * @param channels 1 for gray, 3 for red, green, blue
 * @param samples {@code [height, width, channels]}, 0 to 255 without a sign; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // on its way from step to step, compared by nobody
public record Picture(int width, int height, int channels, byte[] samples) implements Rows {
  /** Requires as many samples as that takes. */
  public Picture {
    if ((long) width * height * channels != samples.length) {
      throw new IllegalArgumentException(
          "picture: %d x %d of %d channels takes other than %d samples"
              .formatted(width, height, channels, samples.length));
    }
  }

  @Override
  public void row(int y, byte[] to) {
    System.arraycopy(samples, y * width * channels, to, 0, width * channels);
  }

  /** A sample, 0 to 255. */
  public int at(int x, int y, int channel) {
    return samples[(y * width + x) * channels + channel] & 0xff;
  }
}
