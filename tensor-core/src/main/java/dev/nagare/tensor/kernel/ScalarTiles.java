package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

/** {@link TileLoops} one number at a time. */
final class ScalarTiles implements TileLoops {
  /** Points along an axis, and the third power of the first. */
  static final float P = (float) Math.sqrt(0.5);

  static final float Q = (float) Math.sqrt(2);
  static final float P_CUBED = (float) Math.sqrt(0.125);

  private static final int POINTS = EDGE * EDGE;

  @Override
  public void down(long[] rows, long out, long outRow, long n) {
    for (long i = 0; i < n; i++) {
      forward(
          getFloat(rows[0], i),
          getFloat(rows[1], i),
          getFloat(rows[2], i),
          getFloat(rows[3], i),
          getFloat(rows[4], i),
          getFloat(rows[5], i),
          out + 4 * i,
          outRow);
    }
  }

  @Override
  public void along(long x, long out, long outPoint, long outGroup, long tiles, long channels) {
    for (long t = 0; t < tiles; t++) {
      for (long c = 0; c < channels; c++) {
        long at = STEP * t * channels + c;
        forward(
            getFloat(x, at),
            getFloat(x, at + channels),
            getFloat(x, at + 2 * channels),
            getFloat(x, at + 3 * channels),
            getFloat(x, at + 4 * channels),
            getFloat(x, at + 5 * channels),
            out + c / GROUP * outGroup + 4 * (t * GROUP + c % GROUP),
            outPoint);
      }
    }
  }

  private static void forward(
      float d0, float d1, float d2, float d3, float d4, float d5, long out, long step) {
    float even = Math.fma(-2f, d2, d4);
    float odd = Math.fma(-2f, d1, d3);
    float even2 = Math.fma(-0.5f, d2, d4);
    float odd2 = Math.fma(-0.5f, d1, d3);
    setFloat(out, 0, Math.fma(-2.5f, d2, d0 + d4));
    setFloat(out + step, 0, Math.fma(odd, P, even));
    setFloat(out + 2 * step, 0, Math.fma(odd, -P, even));
    setFloat(out + 3 * step, 0, Math.fma(odd2, Q, even2));
    setFloat(out + 4 * step, 0, Math.fma(odd2, -Q, even2));
    setFloat(out + 5 * step, 0, Math.fma(-2.5f, d3, d1 + d5));
  }

  @Override
  public void products(
      int tiles,
      int columns,
      long v,
      long vPoint,
      long vGroup,
      long u,
      long m,
      long mPoint,
      long mRow,
      long k) {
    for (int p = 0; p < POINTS; p++) {
      for (int i = 0; i < tiles; i++) {
        for (int j = 0; j < columns; j++) {
          float sum = 0;
          for (long t = 0; t < k; t++) {
            long group = v + p * vPoint + t / GROUP * vGroup;
            float left = getFloat(group, (long) i * GROUP + t % GROUP);
            sum = Math.fma(left, getFloat(u, (p * k + t) * columns + j), sum);
          }
          setFloat(m + p * mPoint + i * mRow, j, sum);
        }
      }
    }
  }

  @Override
  public void up(long m, long row, long n) {
    for (long i = 0; i < n; i++) {
      float m0 = getFloat(m, i);
      float m1 = getFloat(m + row, i);
      float m2 = getFloat(m + 2 * row, i);
      float m3 = getFloat(m + 3 * row, i);
      float m4 = getFloat(m + 4 * row, i);
      float m5 = getFloat(m + 5 * row, i);
      float sum = m1 + m2;
      float difference = m1 - m2;
      float sum2 = m3 + m4;
      float difference2 = m3 - m4;
      setFloat(m, i, m0 + sum + sum2);
      setFloat(m + row, i, P * Math.fma(2f, difference2, difference));
      setFloat(m + 2 * row, i, 0.5f * Math.fma(4f, sum2, sum));
      setFloat(m + 3 * row, i, Math.fma(Math.fma(8f, difference2, difference), P_CUBED, m5));
    }
  }

  @Override
  public void across(
      float least,
      long z,
      long point,
      long bias,
      long operand,
      long y,
      long channels,
      long pixels) {
    for (long t = 0; STEP * t < pixels; t++) {
      for (long c = 0; c < channels; c++) {
        long i = t * channels + c;
        float sum = getFloat(z + point, i) + getFloat(z + 2 * point, i);
        float difference = getFloat(z + point, i) - getFloat(z + 2 * point, i);
        float sum2 = getFloat(z + 3 * point, i) + getFloat(z + 4 * point, i);
        float difference2 = getFloat(z + 3 * point, i) - getFloat(z + 4 * point, i);
        float b = getFloat(bias, c);
        for (long q = 0; q < STEP && STEP * t + q < pixels; q++) {
          float value =
              switch ((int) q) {
                case 0 -> getFloat(z, i) + sum + sum2 + b;
                case 1 -> Math.fma(Math.fma(2f, difference2, difference), P, b);
                case 2 -> Math.fma(Math.fma(4f, sum2, sum), 0.5f, b);
                default -> {
                  float m5 = getFloat(z + 5 * point, i) + b;
                  yield Math.fma(Math.fma(8f, difference2, difference), P_CUBED, m5);
                }
              };
          long at = (STEP * t + q) * channels + c;
          value = operand == 0 ? value : value + getFloat(operand, at);
          setFloat(y, at, value < least ? least : value);
        }
      }
    }
  }

  @Override
  public void gates(
      int rows, long h, long weight, long given, long out, long outGate, long hidden) {
    for (int row = 0; row < rows; row++) {
      for (int gate = 0; gate < 4; gate++) {
        for (int j = 0; j < PANEL; j++) {
          float sum = getFloat(given, (4 * row + gate) * hidden + j);
          for (long k = 0; k < hidden; k++) {
            float before = getFloat(h, row * hidden + k);
            sum = Math.fma(before, getFloat(weight, (4 * k + gate) * PANEL + j), sum);
          }
          setFloat(out + gate * outGate, row * hidden + j, sum);
        }
      }
    }
  }
}
