package dev.nagare.models.image;

import java.awt.image.Raster;

/** Rows of a picture that was stored as samples: of a fourth band, or a second of two, nothing. */
final class DirectRows implements Rows {
  private static final int BYTE = 8;

  private final Raster raster;
  private final int bands;
  private final int bits;
  private final int[] samples;

  DirectRows(Raster raster) {
    this.raster = raster;
    this.bands = raster.getNumBands();
    this.bits = raster.getSampleModel().getSampleSize(0);
    this.samples = new int[raster.getWidth() * bands];
  }

  @Override
  public int width() {
    return raster.getWidth();
  }

  @Override
  public int height() {
    return raster.getHeight();
  }

  @Override
  public int channels() {
    return bands < 3 ? 1 : 3;
  }

  @Override
  public void row(int y, byte[] to) {
    raster.getPixels(0, y, width(), 1, samples);
    int channels = channels();
    for (int x = 0, at = 0; x < width(); x++) {
      for (int c = 0; c < channels; c++) {
        int sample = samples[x * bands + c];
        to[at++] =
            (byte) (bits >= BYTE ? sample >> (bits - BYTE) : sample * 255 / ((1 << bits) - 1));
      }
    }
  }
}
