package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;
import static dev.nagare.tensor.kernel.VectorMath.FLOATS;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Loops#product} with vectors along the rows of the result: an element of {@code a} is
 * broadcast, so lanes are never added to each other and the width does not show in the bits.
 *
 * <p>Results stay in registers over all of k. Four rows by two vectors share loads; a lone row, as
 * in a recurrence, takes eight vectors, enough chains to hide the latency of the multiply-add.
 * Strides here are in bytes.
 */
final class VectorProduct {
  private static final int LANES = FLOATS.length();
  private static final long V = 4L * LANES;

  private static final LoopUnit FOUR_BY_TWO = unit("fourByTwo");
  private static final LoopUnit ONE_BY_EIGHT = unit("oneByEight");
  private static final LoopUnit ONE_BY_FOUR = unit("oneByFour");
  private static final LoopUnit ONE_BY_ONE = unit("oneByOne");

  private VectorProduct() {}

  private static LoopUnit unit(String name) {
    return new LoopUnit(MethodHandles.lookup(), name);
  }

  static void add(
      long a,
      long aRow,
      long aColumn,
      long b,
      long bRow,
      long out,
      long outRow,
      int m,
      int n,
      int k) {
    int i = 0;
    for (; i + 4 <= m; i += 4) {
      long left = a + i * aRow;
      long to = out + i * outRow;
      int j = 0;
      for (; j + 2 * LANES <= n; j += 2 * LANES) {
        FOUR_BY_TWO.run(left, aRow, aColumn, b + 4L * j, bRow, to + 4L * j, outRow, k);
      }
      for (int r = 0; r < 4 && j < n; r++) {
        row(left + r * aRow, aColumn, b, bRow, to + r * outRow, j, n, k);
      }
    }
    for (; i < m; i++) {
      row(a + i * aRow, aColumn, b, bRow, out + i * outRow, 0, n, k);
    }
  }

  private static void row(
      long a, long aColumn, long b, long bRow, long out, int from, int n, int k) {
    int j = from;
    for (; j + 8 * LANES <= n; j += 8 * LANES) {
      ONE_BY_EIGHT.run(a, aColumn, b + 4L * j, bRow, out + 4L * j, k);
    }
    for (; j + 4 * LANES <= n; j += 4 * LANES) {
      ONE_BY_FOUR.run(a, aColumn, b + 4L * j, bRow, out + 4L * j, k);
    }
    for (; j + LANES <= n; j += LANES) {
      ONE_BY_ONE.run(a, aColumn, b + 4L * j, bRow, out + 4L * j, k);
    }
    for (; j < n; j++) {
      element(a, aColumn, b + 4L * j, bRow, out + 4L * j, k);
    }
  }

  static void fourByTwo(
      long a, long aRow, long aColumn, long b, long bRow, long out, long outRow, long terms) {
    long out1 = out + outRow;
    long out2 = out1 + outRow;
    long out3 = out2 + outRow;
    FloatVector s00 = load(out);
    FloatVector s01 = load(out + V);
    FloatVector s10 = load(out1);
    FloatVector s11 = load(out1 + V);
    FloatVector s20 = load(out2);
    FloatVector s21 = load(out2 + V);
    FloatVector s30 = load(out3);
    FloatVector s31 = load(out3 + V);
    for (int p = 0, k = (int) terms; p < k; p++) {
      long left = a + p * aColumn;
      FloatVector b0 = load(b + p * bRow);
      FloatVector b1 = load(b + p * bRow + V);
      FloatVector a0 = broadcast(left);
      s00 = a0.fma(b0, s00);
      s01 = a0.fma(b1, s01);
      FloatVector a1 = broadcast(left + aRow);
      s10 = a1.fma(b0, s10);
      s11 = a1.fma(b1, s11);
      FloatVector a2 = broadcast(left + 2 * aRow);
      s20 = a2.fma(b0, s20);
      s21 = a2.fma(b1, s21);
      FloatVector a3 = broadcast(left + 3 * aRow);
      s30 = a3.fma(b0, s30);
      s31 = a3.fma(b1, s31);
    }
    store(s00, out);
    store(s01, out + V);
    store(s10, out1);
    store(s11, out1 + V);
    store(s20, out2);
    store(s21, out2 + V);
    store(s30, out3);
    store(s31, out3 + V);
  }

  static void oneByEight(long a, long aColumn, long b, long bRow, long out, long terms) {
    FloatVector s0 = load(out);
    FloatVector s1 = load(out + V);
    FloatVector s2 = load(out + 2 * V);
    FloatVector s3 = load(out + 3 * V);
    FloatVector s4 = load(out + 4 * V);
    FloatVector s5 = load(out + 5 * V);
    FloatVector s6 = load(out + 6 * V);
    FloatVector s7 = load(out + 7 * V);
    for (int p = 0, k = (int) terms; p < k; p++) {
      FloatVector factor = broadcast(a + p * aColumn);
      long row = b + p * bRow;
      s0 = factor.fma(load(row), s0);
      s1 = factor.fma(load(row + V), s1);
      s2 = factor.fma(load(row + 2 * V), s2);
      s3 = factor.fma(load(row + 3 * V), s3);
      s4 = factor.fma(load(row + 4 * V), s4);
      s5 = factor.fma(load(row + 5 * V), s5);
      s6 = factor.fma(load(row + 6 * V), s6);
      s7 = factor.fma(load(row + 7 * V), s7);
    }
    store(s0, out);
    store(s1, out + V);
    store(s2, out + 2 * V);
    store(s3, out + 3 * V);
    store(s4, out + 4 * V);
    store(s5, out + 5 * V);
    store(s6, out + 6 * V);
    store(s7, out + 7 * V);
  }

  static void oneByFour(long a, long aColumn, long b, long bRow, long out, long terms) {
    FloatVector s0 = load(out);
    FloatVector s1 = load(out + V);
    FloatVector s2 = load(out + 2 * V);
    FloatVector s3 = load(out + 3 * V);
    for (int p = 0, k = (int) terms; p < k; p++) {
      FloatVector factor = broadcast(a + p * aColumn);
      long row = b + p * bRow;
      s0 = factor.fma(load(row), s0);
      s1 = factor.fma(load(row + V), s1);
      s2 = factor.fma(load(row + 2 * V), s2);
      s3 = factor.fma(load(row + 3 * V), s3);
    }
    store(s0, out);
    store(s1, out + V);
    store(s2, out + 2 * V);
    store(s3, out + 3 * V);
  }

  static void oneByOne(long a, long aColumn, long b, long bRow, long out, long terms) {
    FloatVector s = load(out);
    for (int p = 0, k = (int) terms; p < k; p++) {
      s = broadcast(a + p * aColumn).fma(load(b + p * bRow), s);
    }
    store(s, out);
  }

  private static void element(long a, long aColumn, long b, long bRow, long out, int k) {
    float s = getFloat(out, 0);
    for (int p = 0; p < k; p++) {
      s = Math.fma(getFloat(a + p * aColumn, 0), getFloat(b + p * bRow, 0), s);
    }
    setFloat(out, 0, s);
  }

  private static FloatVector load(long address) {
    return VectorMath.load(address, 0);
  }

  private static void store(FloatVector vector, long address) {
    VectorMath.store(vector, address, 0);
  }

  private static FloatVector broadcast(long address) {
    return VectorMath.all(getFloat(address, 0));
  }
}
