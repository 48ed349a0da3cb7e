package dev.nagare.models.image;

/**
 * Numbers of samples: {@code (sample * rescale - mean[c]) / std[c]}, as Hugging Face's {@code
 * rescale_factor}, {@code image_mean} and {@code image_std}.
 *
 * <p>A sample is one of 256, so each result is computed once, in double, and rounded to F32.
 * Immutable, for any number of threads.
 */
public final class Normalize {
  private final float[][] values;

  /**
   * Prepares it.
   *
   * @param rescale what a sample of 0 to 255 is multiplied by
   * @param mean of each channel, in the order red, green, blue
   * @param std of each channel, other than 0
   */
  public Normalize(double rescale, double[] mean, double[] std) {
    values = new float[mean.length][256];
    for (int c = 0; c < mean.length; c++) {
      for (int sample = 0; sample < 256; sample++) {
        values[c][sample] = (float) ((sample * rescale - mean[c]) / std[c]);
      }
    }
  }

  /**
   * The numbers of a picture.
   *
   * @param channelsFirst whether they go as {@code [channels, height, width]} rather than {@code
   *     [height, width, channels]}
   * @param reversed whether the last channel, blue, goes first
   */
  float[] of(Picture picture, boolean channelsFirst, boolean reversed) {
    int channels = picture.channels();
    int pixels = picture.width() * picture.height();
    byte[] samples = picture.samples();
    float[] numbers = new float[pixels * channels];
    for (int c = 0; c < channels; c++) {
      float[] known = values[c];
      int place = reversed ? channels - 1 - c : c;
      int to = channelsFirst ? place * pixels : place;
      int step = channelsFirst ? 1 : channels;
      for (int i = c; i < samples.length; i += channels) {
        numbers[to] = known[samples[i] & 0xff];
        to += step;
      }
    }
    return numbers;
  }
}
