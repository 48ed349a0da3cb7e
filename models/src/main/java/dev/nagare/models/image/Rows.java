package dev.nagare.models.image;

/**
 * A picture of which one row at a time is looked at, so that it need not lie in memory in every
 * form that it takes on its way. For one thread.
 */
public interface Rows {

  /** Pixels in a row. */
  int width();

  /** Rows. */
  int height();

  /** 1 for gray, 3 for red, green, blue. */
  int channels();

  /**
   * Gives a row.
   *
   * @param y from the top, from 0
   * @param to gets {@code [width, channels]}, 0 to 255 without a sign
   */
  void row(int y, byte[] to);
}
