package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

/**
 * F32 loops, one element at a time: the reference that {@link VectorImagesF32} equals bit for bit,
 * and what does its last channels (the methods with {@code from}).
 */
final class ScalarImagesF32 implements ImageLoops {
  private final Loops elements;

  ScalarImagesF32(Loops elements) {
    this.elements = elements;
  }

  @Override
  public Loops elements() {
    return elements;
  }

  @Override
  public int bytes() {
    return 4;
  }

  @Override
  public double get(long address, long index) {
    return getFloat(address, index);
  }

  @Override
  public void set(long address, long index, double value) {
    setFloat(address, index, (float) value);
  }

  @Override
  public void sums(long x, long out, long rows, long channels) {
    sums(x, out, rows, channels, 0);
  }

  void sums(long x, long out, long rows, long channels, long from) {
    long whole = rows - rows % PARTIALS;
    for (long c = from; c < channels; c++) {
      float s0 = 0;
      float s1 = 0;
      float s2 = 0;
      float s3 = 0;
      long at = c;
      for (long i = 0; i < whole; i += PARTIALS) {
        s0 += getFloat(x, at);
        s1 += getFloat(x, at + channels);
        s2 += getFloat(x, at + 2 * channels);
        s3 += getFloat(x, at + 3 * channels);
        at += PARTIALS * channels;
      }
      for (long i = whole; i < rows; i++) {
        s0 += getFloat(x, at);
        at += channels;
      }
      setFloat(out, c, s0 + s2 + (s1 + s3));
    }
  }

  @Override
  public void deviations(long x, long mean, long out, long rows, long channels) {
    deviations(x, mean, out, rows, channels, 0);
  }

  void deviations(long x, long mean, long out, long rows, long channels, long from) {
    long whole = rows - rows % PARTIALS;
    for (long c = from; c < channels; c++) {
      float middle = getFloat(mean, c);
      float s0 = 0;
      float s1 = 0;
      float s2 = 0;
      float s3 = 0;
      long at = c;
      for (long i = 0; i < whole; i += PARTIALS) {
        float d0 = getFloat(x, at) - middle;
        float d1 = getFloat(x, at + channels) - middle;
        float d2 = getFloat(x, at + 2 * channels) - middle;
        float d3 = getFloat(x, at + 3 * channels) - middle;
        s0 = Math.fma(d0, d0, s0);
        s1 = Math.fma(d1, d1, s1);
        s2 = Math.fma(d2, d2, s2);
        s3 = Math.fma(d3, d3, s3);
        at += PARTIALS * channels;
      }
      for (long i = whole; i < rows; i++) {
        float d = getFloat(x, at) - middle;
        s0 = Math.fma(d, d, s0);
        at += channels;
      }
      setFloat(out, c, s0 + s2 + (s1 + s3));
    }
  }

  @Override
  public void normalize(long x, long table, long y, long rows, long channels) {
    normalize(x, table, y, rows, channels, 0);
  }

  void normalize(long x, long table, long y, long rows, long channels, long from) {
    for (long i = 0; i < rows; i++) {
      for (long c = from; c < channels; c++) {
        float centred = getFloat(x, i * channels + c) - getFloat(table, c);
        float scale = getFloat(table, channels + c);
        setFloat(y, i * channels + c, Math.fma(centred, scale, getFloat(table, 2 * channels + c)));
      }
    }
  }

  @Override
  public void gradientSums(long x, long dy, long mean, long out, long rows, long channels) {
    gradientSums(x, dy, mean, out, rows, channels, 0);
  }

  void gradientSums(long x, long dy, long mean, long out, long rows, long channels, long from) {
    sums(dy, out, rows, channels, from);
    long whole = rows - rows % PARTIALS;
    for (long c = from; c < channels; c++) {
      float middle = getFloat(mean, c);
      float s0 = 0;
      float s1 = 0;
      float s2 = 0;
      float s3 = 0;
      long a = c;
      for (long i = 0; i < whole; i += PARTIALS) {
        long b = a + channels;
        s0 = Math.fma(getFloat(dy, a), getFloat(x, a) - middle, s0);
        s1 = Math.fma(getFloat(dy, b), getFloat(x, b) - middle, s1);
        a = b + channels;
        b = a + channels;
        s2 = Math.fma(getFloat(dy, a), getFloat(x, a) - middle, s2);
        s3 = Math.fma(getFloat(dy, b), getFloat(x, b) - middle, s3);
        a = b + channels;
      }
      for (long i = whole; i < rows; i++) {
        s0 = Math.fma(getFloat(dy, a), getFloat(x, a) - middle, s0);
        a += channels;
      }
      setFloat(out, channels + c, s0 + s2 + (s1 + s3));
    }
  }

  @Override
  public void gradient(
      long x, long dy, long table, long dx, boolean add, long rows, long channels) {
    gradient(x, dy, table, dx, add, rows, channels, 0);
  }

  void gradient(
      long x, long dy, long table, long dx, boolean add, long rows, long channels, long from) {
    for (long i = 0; i < rows; i++) {
      for (long c = from; c < channels; c++) {
        long at = i * channels + c;
        float centred = getFloat(x, at) - getFloat(table, c);
        float rest = getFloat(dy, at) - getFloat(table, 2 * channels + c);
        float scale = getFloat(table, channels + c);
        float inner = Math.fma(-centred, getFloat(table, 3 * channels + c), rest);
        setFloat(dx, at, add ? Math.fma(scale, inner, getFloat(dx, at)) : scale * inner);
      }
    }
  }

  @Override
  public void maximum(long x, long y, long n) {
    maximum(x, y, n, 0);
  }

  void maximum(long x, long y, long n, long from) {
    for (long i = from; i < n; i++) {
      float v = getFloat(x, i);
      if (v > getFloat(y, i) || Float.isNaN(v)) {
        setFloat(y, i, v);
      }
    }
  }

  @Override
  public void maximumGradient(long x, long y, long left, long dx, long n) {
    maximumGradient(x, y, left, dx, n, 0);
  }

  void maximumGradient(long x, long y, long left, long dx, long n, long from) {
    for (long i = from; i < n; i++) {
      float v = getFloat(x, i);
      if (v == getFloat(y, i) || Float.isNaN(v)) {
        setFloat(dx, i, getFloat(dx, i) + getFloat(left, i));
        setFloat(left, i, 0);
      }
    }
  }
}
