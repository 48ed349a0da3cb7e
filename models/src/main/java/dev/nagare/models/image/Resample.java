package dev.nagare.models.image;

/**
 * How pixels between pixels are found: a weight by distance, in pixels of the larger grid.
 *
 * <p>Source: the filters of Pillow's {@code Image.resize}, under its names.
 */
public enum Resample {
  /** The pixel that lies there. */
  NEAREST(0) {
    @Override
    double weight(double distance) {
      return 1;
    }
  },
  /** A triangle over 2 pixels. */
  BILINEAR(1) {
    @Override
    double weight(double distance) {
      return Math.max(0, 1 - Math.abs(distance));
    }
  },
  /** Keys' cubic with a = -1/2 over 4 pixels. */
  BICUBIC(2) {
    @Override
    double weight(double distance) {
      double x = Math.abs(distance);
      if (x < 1) {
        return ((A + 2) * x - (A + 3)) * x * x + 1;
      }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
  },
  /** A windowed sinc over 6 pixels. */
  LANCZOS(3) {
    @Override
    double weight(double distance) {
      return Math.abs(distance) < 3 ? sinc(distance) * sinc(distance / 3) : 0;
    }
  };

  private static final double A = -0.5;

  private final double support;

  Resample(double support) {
    this.support = support;
  }

  /** Farther away every weight is 0. */
  double support() {
    return support;
  }

  abstract double weight(double distance);

  private static double sinc(double x) {
    return x == 0 ? 1 : StrictMath.sin(x * Math.PI) / (x * Math.PI);
  }
}
