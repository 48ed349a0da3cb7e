package dev.nagare.models.image;

import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/** Rows of a picture that was stored as places in a palette. */
final class IndexedRows implements Rows {
  private final Raster raster;
  private final int[] palette;
  private final int[] indices;

  IndexedRows(Raster raster, IndexColorModel colours) {
    this.raster = raster;
    this.indices = new int[raster.getWidth()];
    palette = new int[colours.getMapSize()];
    colours.getRGBs(palette);
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
    return 3;
  }

  @Override
  public void row(int y, byte[] to) {
    raster.getSamples(0, y, width(), 1, 0, indices);
    int at = 0;
    for (int index : indices) {
      // An index beyond the palette is damage that viewers show as black.
      int rgb = index < palette.length ? palette[index] : 0;
      to[at++] = (byte) (rgb >> 16);
      to[at++] = (byte) (rgb >> 8);
      to[at++] = (byte) rgb;
    }
  }
}
