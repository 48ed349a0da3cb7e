package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** {@link TileLoops} over vectors along the channels, with the bits of {@link ScalarTiles}. */
final class VectorTiles implements TileLoops {
  private static final int LANES = FLOATS.length();

  private static final FloatVector TWO = all(2f);
  private static final FloatVector FOUR = all(4f);
  private static final FloatVector EIGHT = all(8f);
  private static final FloatVector HALF = all(0.5f);
  private static final FloatVector MINUS_HALF = all(-0.5f);
  private static final FloatVector MINUS_TWO = all(-2f);
  private static final FloatVector MINUS_SUM = all(-2.5f);
  private static final FloatVector P = all(ScalarTiles.P);
  private static final FloatVector MINUS_P = all(-ScalarTiles.P);
  private static final FloatVector Q = all(ScalarTiles.Q);
  private static final FloatVector MINUS_Q = all(-ScalarTiles.Q);
  private static final FloatVector P_CUBED = all(ScalarTiles.P_CUBED);

  private static final TileUnit DOWN = unit("downward");
  private static final TileUnit ALONG = unit("alongRow");
  private static final TileUnit UP = unit("upward");
  private static final TileUnit ACROSS = unit("acrossRow");
  private static final TileUnit ACROSS_ADDED = unit("acrossRowAdded");

  private static TileUnit unit(String name) {
    return new TileUnit(VectorTiles.class, name);
  }

  @Override
  public void down(long[] rows, long out, long outRow, long n) {
    DOWN.run(rows[0], rows[1], rows[2], rows[3], rows[4], rows[5], out, outRow, n);
  }

  static void downward(
      long r0, long r1, long r2, long r3, long r4, long r5, long out, long outRow, long n) {
    for (int i = 0, end = (int) n; i < end; i += LANES) {
      long to = out + 4L * i;
      FloatVector d1 = load(r1, i);
      FloatVector d2 = load(r2, i);
      FloatVector d3 = load(r3, i);
      FloatVector d4 = load(r4, i);
      FloatVector even = d2.fma(MINUS_TWO, d4);
      FloatVector odd = d1.fma(MINUS_TWO, d3);
      FloatVector even2 = d2.fma(MINUS_HALF, d4);
      FloatVector odd2 = d1.fma(MINUS_HALF, d3);
      store(d2.fma(MINUS_SUM, load(r0, i).add(d4)), to, 0);
      store(odd.fma(P, even), to + outRow, 0);
      store(odd.fma(MINUS_P, even), to + 2 * outRow, 0);
      store(odd2.fma(Q, even2), to + 3 * outRow, 0);
      store(odd2.fma(MINUS_Q, even2), to + 4 * outRow, 0);
      store(d3.fma(MINUS_SUM, d1.add(load(r5, i))), to + 5 * outRow, 0);
    }
  }

  @Override
  public void along(long x, long out, long outPoint, long outGroup, long tiles, long channels) {
    ALONG.run(x, out, outPoint, outGroup, channels, tiles * channels);
  }

  static void alongRow(
      long x, long out, long outPoint, long outGroup, long channels, long numbers) {
    int channel = 0;
    long tile = 0;
    // one loop over tiles and channels: an inner one would mostly have one turn
    for (int i = 0, end = (int) numbers; i < end; i += LANES) {
      long at = x + 4 * (STEP * tile * channels + channel);
      long to = out + channel / GROUP * outGroup + 4 * (tile * GROUP + channel % GROUP);
      FloatVector d1 = load(at, channels);
      FloatVector d2 = load(at, 2 * channels);
      FloatVector d3 = load(at, 3 * channels);
      FloatVector d4 = load(at, 4 * channels);
      FloatVector even = d2.fma(MINUS_TWO, d4);
      FloatVector odd = d1.fma(MINUS_TWO, d3);
      FloatVector even2 = d2.fma(MINUS_HALF, d4);
      FloatVector odd2 = d1.fma(MINUS_HALF, d3);
      store(d2.fma(MINUS_SUM, load(at, 0).add(d4)), to, 0);
      store(odd.fma(P, even), to + outPoint, 0);
      store(odd.fma(MINUS_P, even), to + 2 * outPoint, 0);
      store(odd2.fma(Q, even2), to + 3 * outPoint, 0);
      store(odd2.fma(MINUS_Q, even2), to + 4 * outPoint, 0);
      store(d3.fma(MINUS_SUM, d1.add(load(at, 5 * channels))), to + 5 * outPoint, 0);
      channel += LANES;
      if (channel == (int) channels) {
        channel = 0;
        tile++;
      }
    }
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
    VectorTileProducts.products(tiles, columns, v, vPoint, vGroup, u, m, mPoint, mRow, k);
  }

  @Override
  public void up(long m, long row, long n) {
    UP.run(m, row, n);
  }

  static void upward(long m, long row, long n) {
    for (int i = 0, end = (int) n; i < end; i += LANES) {
      FloatVector m1 = load(m + row, i);
      FloatVector m2 = load(m + 2 * row, i);
      FloatVector m3 = load(m + 3 * row, i);
      FloatVector m4 = load(m + 4 * row, i);
      FloatVector sum = m1.add(m2);
      FloatVector difference = m1.sub(m2);
      FloatVector sum2 = m3.add(m4);
      FloatVector difference2 = m3.sub(m4);
      store(load(m, i).add(sum).add(sum2), m, i);
      store(difference2.fma(TWO, difference).mul(P), m + row, i);
      store(sum2.fma(FOUR, sum).mul(HALF), m + 2 * row, i);
      FloatVector m5 = load(m + 5 * row, i);
      store(difference2.fma(EIGHT, difference).fma(P_CUBED, m5), m + 3 * row, i);
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
    if (operand == 0) {
      ACROSS.run(least, z, point, bias, y, channels, 0L, pixels);
    } else {
      ACROSS_ADDED.run(least, z, point, bias, y, channels, operand, pixels);
    }
  }

  /** Of a row of pixels. */
  private static int tiles(long pixels) {
    return ((int) pixels + STEP - 1) / STEP;
  }

  static void acrossRow(
      float least,
      long z,
      long point,
      long bias,
      long y,
      long channels,
      long operand,
      long pixels) {
    FloatVector low = all(least);
    int c = 0;
    long q = 0;
    for (int i = 0, end = tiles(pixels) * (int) channels; i < end; i += LANES) {
      long from = z + q * channels + 4L * c;
      long to = y + 4 * (q * channels + c);
      FloatVector m1 = load(from + point, 0);
      FloatVector m2 = load(from + 2 * point, 0);
      FloatVector m3 = load(from + 3 * point, 0);
      FloatVector m4 = load(from + 4 * point, 0);
      FloatVector b = load(bias, c);
      FloatVector sum = m1.add(m2);
      FloatVector difference = m1.sub(m2);
      FloatVector sum2 = m3.add(m4);
      FloatVector difference2 = m3.sub(m4);
      FloatVector y0 = load(from, 0).add(sum).add(sum2).add(b);
      store(y0.blend(low, y0.compare(VectorOperators.LT, low)), to, 0);
      if (q + 1 < pixels) {
        FloatVector y1 = difference2.fma(TWO, difference).fma(P, b);
        store(y1.blend(low, y1.compare(VectorOperators.LT, low)), to, channels);
      }
      if (q + 2 < pixels) {
        FloatVector y2 = sum2.fma(FOUR, sum).fma(HALF, b);
        store(y2.blend(low, y2.compare(VectorOperators.LT, low)), to, 2 * channels);
      }
      if (q + 3 < pixels) {
        FloatVector m5 = load(from + 5 * point, 0).add(b);
        FloatVector y3 = difference2.fma(EIGHT, difference).fma(P_CUBED, m5);
        store(y3.blend(low, y3.compare(VectorOperators.LT, low)), to, 3 * channels);
      }
      c += LANES;
      if (c == (int) channels) {
        c = 0;
        q += STEP;
      }
    }
  }

  static void acrossRowAdded(
      float least,
      long z,
      long point,
      long bias,
      long y,
      long channels,
      long operand,
      long pixels) {
    FloatVector low = all(least);
    int c = 0;
    long q = 0;
    for (int i = 0, end = tiles(pixels) * (int) channels; i < end; i += LANES) {
      long from = z + q * channels + 4L * c;
      long at = 4 * (q * channels + c);
      long to = y + at;
      long other = operand + at;
      FloatVector m1 = load(from + point, 0);
      FloatVector m2 = load(from + 2 * point, 0);
      FloatVector m3 = load(from + 3 * point, 0);
      FloatVector m4 = load(from + 4 * point, 0);
      FloatVector b = load(bias, c);
      FloatVector sum = m1.add(m2);
      FloatVector difference = m1.sub(m2);
      FloatVector sum2 = m3.add(m4);
      FloatVector difference2 = m3.sub(m4);
      FloatVector y0 = load(from, 0).add(sum).add(sum2).add(b).add(load(other, 0));
      store(y0.blend(low, y0.compare(VectorOperators.LT, low)), to, 0);
      if (q + 1 < pixels) {
        FloatVector y1 = difference2.fma(TWO, difference).fma(P, b).add(load(other, channels));
        store(y1.blend(low, y1.compare(VectorOperators.LT, low)), to, channels);
      }
      if (q + 2 < pixels) {
        FloatVector y2 = sum2.fma(FOUR, sum).fma(HALF, b).add(load(other, 2 * channels));
        store(y2.blend(low, y2.compare(VectorOperators.LT, low)), to, 2 * channels);
      }
      if (q + 3 < pixels) {
        FloatVector m5 = load(from + 5 * point, 0).add(b);
        FloatVector y3 = difference2.fma(EIGHT, difference).fma(P_CUBED, m5);
        y3 = y3.add(load(other, 3 * channels));
        store(y3.blend(low, y3.compare(VectorOperators.LT, low)), to, 3 * channels);
      }
      c += LANES;
      if (c == (int) channels) {
        c = 0;
        q += STEP;
      }
    }
  }

  @Override
  public void gates(
      int rows, long h, long weight, long given, long out, long outGate, long hidden) {
    VectorGates.gates(rows, h, weight, given, out, outGate, hidden);
  }
}
