package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.ALL;
import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;
import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Loops#product} with vectors along the rows of the result: an element of {@code a} is
 * broadcast, so lanes are never added to each other and the width does not show in the bits.
 *
 * <p>Results stay in registers over all of k. Four rows by two vectors share loads, or eight where
 * there are registers for that many; a lone row, as in a recurrence, takes eight vectors, enough
 * chains to hide the latency of the multiply-add. Strides here are in bytes.
 *
 * <p>Sums are written without a method of ours between: what is called once after a long loop may
 * be too rare for C2 to inline, and would be given its vector on the heap.
 */
final class VectorProduct {
  private static final int LANES = FLOATS.length();
  private static final long V = 4L * LANES;

  /** AVX-512 has 32 registers; what AVX2 has would not hold the results of eight rows. */
  private static final boolean MANY_REGISTERS = LANES == 16;

  private static final LoopUnit EIGHT_BY_TWO = unit("eightByTwo");
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
    for (; MANY_REGISTERS && i + 8 <= m; i += 8) {
      rows(EIGHT_BY_TWO, 8, a + i * aRow, aRow, aColumn, b, bRow, out + i * outRow, outRow, n, k);
    }
    for (; i + 4 <= m; i += 4) {
      rows(FOUR_BY_TWO, 4, a + i * aRow, aRow, aColumn, b, bRow, out + i * outRow, outRow, n, k);
    }
    for (; i < m; i++) {
      row(a + i * aRow, aColumn, b, bRow, out + i * outRow, 0, n, k);
    }
  }

  /** As many rows as a unit takes. */
  private static void rows(
      LoopUnit unit,
      int count,
      long a,
      long aRow,
      long aColumn,
      long b,
      long bRow,
      long out,
      long outRow,
      int n,
      int k) {
    int j = 0;
    for (; j + 2 * LANES <= n; j += 2 * LANES) {
      unit.run(a, aRow, aColumn, b + 4L * j, bRow, out + 4L * j, outRow, k);
    }
    for (int r = 0; r < count && j < n; r++) {
      row(a + r * aRow, aColumn, b, bRow, out + r * outRow, j, n, k);
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

  /**
   * Calls the JDK's own methods: C2 inlines those even past the limit that {@link LoopUnit} tells
   * of, but not methods of ours, and this loop lies past it.
   */
  static void eightByTwo(
      long a, long aRow, long aColumn, long b, long bRow, long out, long outRow, long terms) {
    long out1 = out + outRow;
    long out2 = out1 + outRow;
    long out3 = out2 + outRow;
    long out4 = out3 + outRow;
    long out5 = out4 + outRow;
    long out6 = out5 + outRow;
    long out7 = out6 + outRow;
    FloatVector s00 = FloatVector.fromMemorySegment(FLOATS, ALL, out, ORDER);
    FloatVector s01 = FloatVector.fromMemorySegment(FLOATS, ALL, out + V, ORDER);
    FloatVector s10 = FloatVector.fromMemorySegment(FLOATS, ALL, out1, ORDER);
    FloatVector s11 = FloatVector.fromMemorySegment(FLOATS, ALL, out1 + V, ORDER);
    FloatVector s20 = FloatVector.fromMemorySegment(FLOATS, ALL, out2, ORDER);
    FloatVector s21 = FloatVector.fromMemorySegment(FLOATS, ALL, out2 + V, ORDER);
    FloatVector s30 = FloatVector.fromMemorySegment(FLOATS, ALL, out3, ORDER);
    FloatVector s31 = FloatVector.fromMemorySegment(FLOATS, ALL, out3 + V, ORDER);
    FloatVector s40 = FloatVector.fromMemorySegment(FLOATS, ALL, out4, ORDER);
    FloatVector s41 = FloatVector.fromMemorySegment(FLOATS, ALL, out4 + V, ORDER);
    FloatVector s50 = FloatVector.fromMemorySegment(FLOATS, ALL, out5, ORDER);
    FloatVector s51 = FloatVector.fromMemorySegment(FLOATS, ALL, out5 + V, ORDER);
    FloatVector s60 = FloatVector.fromMemorySegment(FLOATS, ALL, out6, ORDER);
    FloatVector s61 = FloatVector.fromMemorySegment(FLOATS, ALL, out6 + V, ORDER);
    FloatVector s70 = FloatVector.fromMemorySegment(FLOATS, ALL, out7, ORDER);
    FloatVector s71 = FloatVector.fromMemorySegment(FLOATS, ALL, out7 + V, ORDER);
    for (int p = 0, k = (int) terms; p < k; p++) {
      long left = a + p * aColumn;
      long right = b + p * bRow;
      FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, ALL, right, ORDER);
      FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, ALL, right + V, ORDER);
      FloatVector a0 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left));
      s00 = a0.fma(b0, s00);
      s01 = a0.fma(b1, s01);
      FloatVector a1 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + aRow));
      s10 = a1.fma(b0, s10);
      s11 = a1.fma(b1, s11);
      FloatVector a2 =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 2 * aRow));
      s20 = a2.fma(b0, s20);
      s21 = a2.fma(b1, s21);
      FloatVector a3 =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 3 * aRow));
      s30 = a3.fma(b0, s30);
      s31 = a3.fma(b1, s31);
      FloatVector a4 =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 4 * aRow));
      s40 = a4.fma(b0, s40);
      s41 = a4.fma(b1, s41);
      FloatVector a5 =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 5 * aRow));
      s50 = a5.fma(b0, s50);
      s51 = a5.fma(b1, s51);
      FloatVector a6 =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 6 * aRow));
      s60 = a6.fma(b0, s60);
      s61 = a6.fma(b1, s61);
      FloatVector a7 =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 7 * aRow));
      s70 = a7.fma(b0, s70);
      s71 = a7.fma(b1, s71);
    }
    s00.intoMemorySegment(ALL, out, ORDER);
    s01.intoMemorySegment(ALL, out + V, ORDER);
    s10.intoMemorySegment(ALL, out1, ORDER);
    s11.intoMemorySegment(ALL, out1 + V, ORDER);
    s20.intoMemorySegment(ALL, out2, ORDER);
    s21.intoMemorySegment(ALL, out2 + V, ORDER);
    s30.intoMemorySegment(ALL, out3, ORDER);
    s31.intoMemorySegment(ALL, out3 + V, ORDER);
    s40.intoMemorySegment(ALL, out4, ORDER);
    s41.intoMemorySegment(ALL, out4 + V, ORDER);
    s50.intoMemorySegment(ALL, out5, ORDER);
    s51.intoMemorySegment(ALL, out5 + V, ORDER);
    s60.intoMemorySegment(ALL, out6, ORDER);
    s61.intoMemorySegment(ALL, out6 + V, ORDER);
    s70.intoMemorySegment(ALL, out7, ORDER);
    s71.intoMemorySegment(ALL, out7 + V, ORDER);
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
    s00.intoMemorySegment(ALL, out, ORDER);
    s01.intoMemorySegment(ALL, out + V, ORDER);
    s10.intoMemorySegment(ALL, out1, ORDER);
    s11.intoMemorySegment(ALL, out1 + V, ORDER);
    s20.intoMemorySegment(ALL, out2, ORDER);
    s21.intoMemorySegment(ALL, out2 + V, ORDER);
    s30.intoMemorySegment(ALL, out3, ORDER);
    s31.intoMemorySegment(ALL, out3 + V, ORDER);
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
    s0.intoMemorySegment(ALL, out, ORDER);
    s1.intoMemorySegment(ALL, out + V, ORDER);
    s2.intoMemorySegment(ALL, out + 2 * V, ORDER);
    s3.intoMemorySegment(ALL, out + 3 * V, ORDER);
    s4.intoMemorySegment(ALL, out + 4 * V, ORDER);
    s5.intoMemorySegment(ALL, out + 5 * V, ORDER);
    s6.intoMemorySegment(ALL, out + 6 * V, ORDER);
    s7.intoMemorySegment(ALL, out + 7 * V, ORDER);
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
    s0.intoMemorySegment(ALL, out, ORDER);
    s1.intoMemorySegment(ALL, out + V, ORDER);
    s2.intoMemorySegment(ALL, out + 2 * V, ORDER);
    s3.intoMemorySegment(ALL, out + 3 * V, ORDER);
  }

  static void oneByOne(long a, long aColumn, long b, long bRow, long out, long terms) {
    FloatVector s = load(out);
    for (int p = 0, k = (int) terms; p < k; p++) {
      s = broadcast(a + p * aColumn).fma(load(b + p * bRow), s);
    }
    s.intoMemorySegment(ALL, out, ORDER);
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

  private static FloatVector broadcast(long address) {
    return VectorMath.all(getFloat(address, 0));
  }
}
