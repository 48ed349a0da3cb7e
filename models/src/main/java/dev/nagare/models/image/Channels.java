package dev.nagare.models.image;

/**
 * Which colours a model sees.
 *
 * <p>Gray of colours is {@code (19595 R + 38470 G + 7471 B + 32768) / 65536}, the luma of ITU-R
 * BT.601 as Pillow's {@code convert("L")} computes it; colours of gray are three times the same.
 */
public enum Channels {
  /** Red, green, blue. */
  RGB(3),
  /** Blue, green, red, as OpenCV reads files. */
  BGR(3),
  /** One channel of brightness. */
  GRAY(1);

  private final int count;

  Channels(int count) {
    this.count = count;
  }

  /** How many there are. */
  public int count() {
    return count;
  }

  /** A picture with as many channels as these, red first; as it is if it has them. */
  public Rows of(Rows picture) {
    return picture.channels() == count ? picture : new Converted(picture, count);
  }

  /** Rows with other channels. */
  private static final class Converted implements Rows {
    private final Rows picture;
    private final int channels;
    private final byte[] from;

    Converted(Rows picture, int channels) {
      this.picture = picture;
      this.channels = channels;
      this.from = new byte[picture.width() * picture.channels()];
    }

    @Override
    public int width() {
      return picture.width();
    }

    @Override
    public int height() {
      return picture.height();
    }

    @Override
    public int channels() {
      return channels;
    }

    @Override
    public void row(int y, byte[] to) {
      picture.row(y, from);
      for (int i = 0; i < width(); i++) {
        if (channels == 1) {
          int luma =
              19595 * (from[3 * i] & 0xff)
                  + 38470 * (from[3 * i + 1] & 0xff)
                  + 7471 * (from[3 * i + 2] & 0xff);
          to[i] = (byte) ((luma + 0x8000) >> 16);
        } else {
          to[3 * i] = from[i];
          to[3 * i + 1] = from[i];
          to[3 * i + 2] = from[i];
        }
      }
    }
  }
}
