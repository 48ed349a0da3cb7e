package dev.nagare.models.image;

import dev.nagare.models.image.Resize.Window;

/** How a picture of any shape becomes one of the model's. */
public enum Fit {
  /** Width and height each as the model has them, whatever that does to shapes. */
  STRETCH {
    @Override
    Picture of(Rows picture, int width, int height, int shortest, Resize resize) {
      return resize.of(picture, width, height);
    }
  },
  /**
   * The shorter side becomes {@code shortest-edge} pixels, the longer one in proportion, rounded
   * down; then the middle is cut out, to the left and above where it does not come out even.
   * Source: {@code shortest_edge} and {@code do_center_crop} of Hugging Face image processors.
   */
  SHORTEST_EDGE_AND_CROP {
    @Override
    Picture of(Rows picture, int width, int height, int shortest, Resize resize) {
      boolean upright = picture.width() <= picture.height();
      long across = upright ? shortest : longer(picture.width(), picture.height(), shortest);
      long down = upright ? longer(picture.height(), picture.width(), shortest) : shortest;
      var middle = new Window((across - width) / 2, (down - height) / 2, width, height);
      return resize.window(picture, across, down, middle);
    }

    private static long longer(long side, long other, long shortest) {
      return shortest * side / other;
    }
  },
  /**
   * As large as goes into the model's size without a change of proportions, in the middle, black
   * around it: a letter box.
   */
  CONTAIN_AND_PAD {
    @Override
    Picture of(Rows picture, int width, int height, int shortest, Resize resize) {
      double scale = Math.min((double) width / picture.width(), (double) height / picture.height());
      int across = Math.clamp(Math.round(picture.width() * scale), 1, width);
      int down = Math.clamp(Math.round(picture.height() * scale), 1, height);
      Picture inner = resize.of(picture, across, down);
      byte[] samples = new byte[width * height * picture.channels()];
      int left = (width - across) / 2;
      int above = (height - down) / 2;
      int bytes = across * picture.channels();
      for (int y = 0; y < down; y++) {
        System.arraycopy(
            inner.samples(),
            y * bytes,
            samples,
            ((above + y) * width + left) * picture.channels(),
            bytes);
      }
      return new Picture(width, height, picture.channels(), samples);
    }
  };

  /**
   * Fits a picture.
   *
   * @param shortest side after resizing, for {@link #SHORTEST_EDGE_AND_CROP}: at least as long as
   *     the longer of the two
   */
  abstract Picture of(Rows picture, int width, int height, int shortest, Resize resize);
}
