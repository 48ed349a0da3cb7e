package dev.nagare.oracle;

/** Numbers in f64 with a shape, row-major: what crosses to libtorch and back. */
final class Values {
  private final double[] elements;
  private final long[] shape;

  /** Takes the arrays over. */
  Values(double[] elements, long... shape) {
    this.elements = elements;
    this.shape = shape;
  }

  double[] elements() {
    return elements;
  }

  long[] shape() {
    return shape;
  }
}
