package dev.nagare.models.image;

import java.util.Arrays;

/**
 * Makes a picture larger or smaller: first along the rows, then along the columns, with pixels as
 * squares whose centres lie between whole numbers (half-pixel centres).
 *
 * <p>Source: Pillow's {@code Image.resize}, bit for bit, which torchvision and Hugging Face call
 * for pictures: when a picture gets smaller, the filter gets wider (antialias). Without antialias
 * it is the bilinear {@code interpolate(align_corners=False)} of PyTorch, rounded.
 *
 * @param resample filter
 * @param antialias whether the filter gets wider when the picture gets smaller
 */
public record Resize(Resample resample, boolean antialias) {

  /** A picture of another size. */
  public Picture of(Rows picture, int width, int height) {
    return window(picture, width, height, new Window(0, 0, width, height));
  }

  /**
   * A part of a picture that was resized; the rest is never computed.
   *
   * @param x of its left column
   * @param y of its upper row
   * @param width of the part
   * @param height of the part
   */
  record Window(long x, long y, int width, int height) {}

  /** A part of the picture as it would be in another size. */
  Picture window(Rows from, long width, long height, Window part) {
    Taps across = Taps.of(from.width(), width, part.x(), part.width(), resample, antialias);
    Taps down = Taps.of(from.height(), height, part.y(), part.height(), resample, antialias);
    int channels = from.channels();
    int rowSamples = part.width() * channels;
    // Old rows come one by one and are added to every new row that they belong to: between the two
    // directions there is never more than one row, however high the picture is.
    int[] sums = new int[part.height() * rowSamples];
    byte[] line = new byte[from.width() * channels];
    byte[] row = new byte[rowSamples];
    int begin = 0; // new rows before it are done
    for (int y = down.first()[0]; begin < part.height(); y++) {
      boolean made = false;
      for (int to = begin; to < part.height() && down.first()[to] <= y; to++) {
        int tap = y - down.first()[to];
        if (tap >= down.weights()[to].length) {
          begin += to == begin ? 1 : 0;
          continue;
        }
        if (!made) {
          from.row(y, line);
          across(line, channels, across, row);
          made = true;
        }
        int weight = down.weights()[to][tap];
        int at = to * rowSamples;
        for (int i = 0; i < rowSamples; i++) {
          sums[at + i] += weight * (row[i] & 0xff);
        }
      }
    }
    byte[] samples = new byte[sums.length];
    for (int i = 0; i < sums.length; i++) {
      samples[i] = (byte) Taps.rounded(sums[i]);
    }
    return new Picture(part.width(), part.height(), channels, samples);
  }

  private static void across(byte[] line, int channels, Taps taps, byte[] row) {
    int[] sums = new int[channels];
    for (int x = 0; x < taps.first().length; x++) {
      Arrays.fill(sums, 0);
      int at = taps.first()[x] * channels;
      for (int weight : taps.weights()[x]) {
        for (int c = 0; c < channels; c++) {
          sums[c] += weight * (line[at++] & 0xff);
        }
      }
      for (int c = 0; c < channels; c++) {
        row[x * channels + c] = (byte) Taps.rounded(sums[c]);
      }
    }
  }
}
