package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getDouble;
import static dev.nagare.tensor.kernel.Addresses.setDouble;

/** F64 loops, one element at a time, for gradient checks. */
final class ScalarImagesF64 implements ImageLoops {
  private final Loops elements;

  ScalarImagesF64(Loops elements) {
    this.elements = elements;
  }

  @Override
  public Loops elements() {
    return elements;
  }

  @Override
  public int bytes() {
    return 8;
  }

  @Override
  public double get(long address, long index) {
    return getDouble(address, index);
  }

  @Override
  public void set(long address, long index, double value) {
    setDouble(address, index, value);
  }

  @Override
  public void sums(long x, long out, long rows, long channels) {
    long whole = rows - rows % PARTIALS;
    for (long c = 0; c < channels; c++) {
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      long at = c;
      for (long i = 0; i < whole; i += PARTIALS) {
        s0 += getDouble(x, at);
        s1 += getDouble(x, at + channels);
        s2 += getDouble(x, at + 2 * channels);
        s3 += getDouble(x, at + 3 * channels);
        at += PARTIALS * channels;
      }
      for (long i = whole; i < rows; i++) {
        s0 += getDouble(x, at);
        at += channels;
      }
      setDouble(out, c, s0 + s2 + (s1 + s3));
    }
  }

  @Override
  public void deviations(long x, long mean, long out, long rows, long channels) {
    long whole = rows - rows % PARTIALS;
    for (long c = 0; c < channels; c++) {
      double middle = getDouble(mean, c);
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      long at = c;
      for (long i = 0; i < whole; i += PARTIALS) {
        double d0 = getDouble(x, at) - middle;
        double d1 = getDouble(x, at + channels) - middle;
        double d2 = getDouble(x, at + 2 * channels) - middle;
        double d3 = getDouble(x, at + 3 * channels) - middle;
        s0 = Math.fma(d0, d0, s0);
        s1 = Math.fma(d1, d1, s1);
        s2 = Math.fma(d2, d2, s2);
        s3 = Math.fma(d3, d3, s3);
        at += PARTIALS * channels;
      }
      for (long i = whole; i < rows; i++) {
        double d = getDouble(x, at) - middle;
        s0 = Math.fma(d, d, s0);
        at += channels;
      }
      setDouble(out, c, s0 + s2 + (s1 + s3));
    }
  }

  @Override
  public void normalize(long x, long table, long y, long rows, long channels) {
    for (long i = 0; i < rows; i++) {
      for (long c = 0; c < channels; c++) {
        double centred = getDouble(x, i * channels + c) - getDouble(table, c);
        double scale = getDouble(table, channels + c);
        setDouble(
            y, i * channels + c, Math.fma(centred, scale, getDouble(table, 2 * channels + c)));
      }
    }
  }

  @Override
  public void gradientSums(long x, long dy, long mean, long out, long rows, long channels) {
    sums(dy, out, rows, channels);
    long whole = rows - rows % PARTIALS;
    for (long c = 0; c < channels; c++) {
      double middle = getDouble(mean, c);
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      long a = c;
      for (long i = 0; i < whole; i += PARTIALS) {
        long b = a + channels;
        s0 = Math.fma(getDouble(dy, a), getDouble(x, a) - middle, s0);
        s1 = Math.fma(getDouble(dy, b), getDouble(x, b) - middle, s1);
        a = b + channels;
        b = a + channels;
        s2 = Math.fma(getDouble(dy, a), getDouble(x, a) - middle, s2);
        s3 = Math.fma(getDouble(dy, b), getDouble(x, b) - middle, s3);
        a = b + channels;
      }
      for (long i = whole; i < rows; i++) {
        s0 = Math.fma(getDouble(dy, a), getDouble(x, a) - middle, s0);
        a += channels;
      }
      setDouble(out, channels + c, s0 + s2 + (s1 + s3));
    }
  }

  @Override
  public void gradient(
      long x, long dy, long table, long dx, boolean add, long rows, long channels) {
    for (long i = 0; i < rows; i++) {
      for (long c = 0; c < channels; c++) {
        long at = i * channels + c;
        double centred = getDouble(x, at) - getDouble(table, c);
        double rest = getDouble(dy, at) - getDouble(table, 2 * channels + c);
        double scale = getDouble(table, channels + c);
        double inner = Math.fma(-centred, getDouble(table, 3 * channels + c), rest);
        setDouble(dx, at, add ? Math.fma(scale, inner, getDouble(dx, at)) : scale * inner);
      }
    }
  }

  @Override
  public void maximum(long x, long y, long n) {
    for (long i = 0; i < n; i++) {
      double v = getDouble(x, i);
      if (v > getDouble(y, i) || Double.isNaN(v)) {
        setDouble(y, i, v);
      }
    }
  }

  @Override
  public void maximumGradient(long x, long y, long left, long dx, long n) {
    for (long i = 0; i < n; i++) {
      double v = getDouble(x, i);
      if (v == getDouble(y, i) || Double.isNaN(v)) {
        setDouble(dx, i, getDouble(dx, i) + getDouble(left, i));
        setDouble(left, i, 0);
      }
    }
  }
}
