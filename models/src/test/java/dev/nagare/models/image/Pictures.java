package dev.nagare.models.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.IntBinaryOperator;
import javax.imageio.ImageIO;

/** Pictures and files made in tests. */
final class Pictures {
  private Pictures() {}

  /** Gray, a row for each argument. */
  static Picture gray(int[]... rows) {
    byte[] samples = new byte[rows.length * rows[0].length];
    int to = 0;
    for (int[] row : rows) {
      for (int sample : row) {
        samples[to++] = (byte) sample;
      }
    }
    return new Picture(rows[0].length, rows.length, 1, samples);
  }

  /** All rows at once. */
  static Picture whole(Rows rows) {
    byte[] samples = new byte[rows.width() * rows.height() * rows.channels()];
    byte[] row = new byte[rows.width() * rows.channels()];
    for (int y = 0; y < rows.height(); y++) {
      rows.row(y, row);
      System.arraycopy(row, 0, samples, y * row.length, row.length);
    }
    return new Picture(rows.width(), rows.height(), rows.channels(), samples);
  }

  static int[] row(Picture picture, int y) {
    int[] row = new int[picture.width() * picture.channels()];
    for (int i = 0; i < row.length; i++) {
      row[i] = picture.at(i / picture.channels(), y, i % picture.channels());
    }
    return row;
  }

  static BufferedImage image(int type, int width, int height, IntBinaryOperator argb) {
    var image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, argb.applyAsInt(x, y));
      }
    }
    return image;
  }

  static byte[] file(BufferedImage image, String format) {
    var bytes = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, bytes)) {
        throw new IllegalStateException("no writer of " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
