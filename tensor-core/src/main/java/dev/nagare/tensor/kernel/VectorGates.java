package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.ALL;
import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

/**
 * The gates of {@link VectorTiles}. A vector of the weight, once loaded, serves up to four rows:
 * one row alone loads as many vectors as it multiplies, most of them from the second cache. A lone
 * row takes two vectors of each gate, several rows one: that many chains hide the latency of the
 * multiply-add and stay in registers.
 *
 * <p>Calls the JDK's own methods, as {@link VectorProduct} does and for its reason.
 */
final class VectorGates {
  private static final long V = 4L * FLOATS.length();
  private static final long GATE = 4L * TileLoops.PANEL;

  private static final TileUnit ONE = unit("oneRow");
  private static final TileUnit TWO = unit("twoRows");
  private static final TileUnit THREE = unit("threeRows");
  private static final TileUnit FOUR = unit("fourRows");

  /** Rows of a tile at most. Vectors of eight come with 16 registers, which three rows overflow. */
  private static final int MOST = FLOATS.length() == 8 ? 2 : 4;

  private VectorGates() {}

  private static TileUnit unit(String name) {
    return new TileUnit(VectorGates.class, name);
  }

  static void gates(
      int rows, long h, long weight, long given, long out, long outGate, long hidden) {
    // as few tiles as can be, all of about the same height
    int tiles = (rows + MOST - 1) / MOST;
    for (int tile = 0; tile < tiles; tile++) {
      int first = rows * tile / tiles;
      int height = rows * (tile + 1) / tiles - first;
      TileUnit unit = ofHeight(height);
      long width = height == 1 ? 2 * V : V;
      long from = h + 4 * hidden * first;
      long before = given + 16 * hidden * first;
      long to = out + 4 * hidden * first;
      for (long j = 0; j < GATE; j += width) {
        unit.run(from, weight + j, before + j, to + j, outGate, hidden);
      }
    }
  }

  private static TileUnit ofHeight(int rows) {
    return switch (rows) {
      case 1 -> ONE;
      case 2 -> TWO;
      case 3 -> THREE;
      default -> FOUR;
    };
  }

  static void oneRow(long h, long weight, long given, long out, long outGate, long hidden) {
    long part = 4 * hidden;
    long f = given + part;
    long g = f + part;
    long o = g + part;
    FloatVector i0 = FloatVector.fromMemorySegment(FLOATS, ALL, given, ORDER);
    FloatVector i1 = FloatVector.fromMemorySegment(FLOATS, ALL, given + V, ORDER);
    FloatVector f0 = FloatVector.fromMemorySegment(FLOATS, ALL, f, ORDER);
    FloatVector f1 = FloatVector.fromMemorySegment(FLOATS, ALL, f + V, ORDER);
    FloatVector g0 = FloatVector.fromMemorySegment(FLOATS, ALL, g, ORDER);
    FloatVector g1 = FloatVector.fromMemorySegment(FLOATS, ALL, g + V, ORDER);
    FloatVector o0 = FloatVector.fromMemorySegment(FLOATS, ALL, o, ORDER);
    FloatVector o1 = FloatVector.fromMemorySegment(FLOATS, ALL, o + V, ORDER);
    long row = weight;
    for (int k = 0, end = (int) hidden; k < end; k++) {
      FloatVector left = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, h + 4L * k));
      i0 = left.fma(FloatVector.fromMemorySegment(FLOATS, ALL, row, ORDER), i0);
      i1 = left.fma(FloatVector.fromMemorySegment(FLOATS, ALL, row + V, ORDER), i1);
      f0 = left.fma(FloatVector.fromMemorySegment(FLOATS, ALL, row + GATE, ORDER), f0);
      f1 = left.fma(FloatVector.fromMemorySegment(FLOATS, ALL, row + GATE + V, ORDER), f1);
      g0 = left.fma(FloatVector.fromMemorySegment(FLOATS, ALL, row + 2 * GATE, ORDER), g0);
      g1 = left.fma(FloatVector.fromMemorySegment(FLOATS, ALL, row + 2 * GATE + V, ORDER), g1);
      o0 = left.fma(FloatVector.fromMemorySegment(FLOATS, ALL, row + 3 * GATE, ORDER), o0);
      o1 = left.fma(FloatVector.fromMemorySegment(FLOATS, ALL, row + 3 * GATE + V, ORDER), o1);
      row += 4 * GATE;
    }
    long toF = out + outGate;
    long toG = toF + outGate;
    long toO = toG + outGate;
    i0.intoMemorySegment(ALL, out, ORDER);
    i1.intoMemorySegment(ALL, out + V, ORDER);
    f0.intoMemorySegment(ALL, toF, ORDER);
    f1.intoMemorySegment(ALL, toF + V, ORDER);
    g0.intoMemorySegment(ALL, toG, ORDER);
    g1.intoMemorySegment(ALL, toG + V, ORDER);
    o0.intoMemorySegment(ALL, toO, ORDER);
    o1.intoMemorySegment(ALL, toO + V, ORDER);
  }

  static void twoRows(long h, long weight, long given, long out, long outGate, long hidden) {
    long part = 4 * hidden;
    FloatVector i0 = FloatVector.fromMemorySegment(FLOATS, ALL, given, ORDER);
    FloatVector f0 = FloatVector.fromMemorySegment(FLOATS, ALL, given + part, ORDER);
    FloatVector g0 = FloatVector.fromMemorySegment(FLOATS, ALL, given + 2 * part, ORDER);
    FloatVector o0 = FloatVector.fromMemorySegment(FLOATS, ALL, given + 3 * part, ORDER);
    long given1 = given + 4 * part;
    FloatVector i1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1, ORDER);
    FloatVector f1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1 + part, ORDER);
    FloatVector g1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1 + 2 * part, ORDER);
    FloatVector o1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1 + 3 * part, ORDER);
    long left = h;
    long row = weight;
    for (int k = 0, end = (int) hidden; k < end; k++) {
      FloatVector h0 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left));
      FloatVector h1 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + part));
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, ALL, row, ORDER);
      i0 = h0.fma(w0, i0);
      i1 = h1.fma(w0, i1);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, ALL, row + GATE, ORDER);
      f0 = h0.fma(w1, f0);
      f1 = h1.fma(w1, f1);
      FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, ALL, row + 2 * GATE, ORDER);
      g0 = h0.fma(w2, g0);
      g1 = h1.fma(w2, g1);
      FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, ALL, row + 3 * GATE, ORDER);
      o0 = h0.fma(w3, o0);
      o1 = h1.fma(w3, o1);
      left += 4;
      row += 4 * GATE;
    }
    i0.intoMemorySegment(ALL, out, ORDER);
    f0.intoMemorySegment(ALL, out + outGate, ORDER);
    g0.intoMemorySegment(ALL, out + 2 * outGate, ORDER);
    o0.intoMemorySegment(ALL, out + 3 * outGate, ORDER);
    long out1 = out + part;
    i1.intoMemorySegment(ALL, out1, ORDER);
    f1.intoMemorySegment(ALL, out1 + outGate, ORDER);
    g1.intoMemorySegment(ALL, out1 + 2 * outGate, ORDER);
    o1.intoMemorySegment(ALL, out1 + 3 * outGate, ORDER);
  }

  static void threeRows(long h, long weight, long given, long out, long outGate, long hidden) {
    long part = 4 * hidden;
    FloatVector i0 = FloatVector.fromMemorySegment(FLOATS, ALL, given, ORDER);
    FloatVector f0 = FloatVector.fromMemorySegment(FLOATS, ALL, given + part, ORDER);
    FloatVector g0 = FloatVector.fromMemorySegment(FLOATS, ALL, given + 2 * part, ORDER);
    FloatVector o0 = FloatVector.fromMemorySegment(FLOATS, ALL, given + 3 * part, ORDER);
    long given1 = given + 4 * part;
    FloatVector i1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1, ORDER);
    FloatVector f1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1 + part, ORDER);
    FloatVector g1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1 + 2 * part, ORDER);
    FloatVector o1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1 + 3 * part, ORDER);
    long given2 = given1 + 4 * part;
    FloatVector i2 = FloatVector.fromMemorySegment(FLOATS, ALL, given2, ORDER);
    FloatVector f2 = FloatVector.fromMemorySegment(FLOATS, ALL, given2 + part, ORDER);
    FloatVector g2 = FloatVector.fromMemorySegment(FLOATS, ALL, given2 + 2 * part, ORDER);
    FloatVector o2 = FloatVector.fromMemorySegment(FLOATS, ALL, given2 + 3 * part, ORDER);
    long left = h;
    long row = weight;
    for (int k = 0, end = (int) hidden; k < end; k++) {
      FloatVector h0 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left));
      FloatVector h1 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + part));
      FloatVector h2 =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 2 * part));
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, ALL, row, ORDER);
      i0 = h0.fma(w0, i0);
      i1 = h1.fma(w0, i1);
      i2 = h2.fma(w0, i2);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, ALL, row + GATE, ORDER);
      f0 = h0.fma(w1, f0);
      f1 = h1.fma(w1, f1);
      f2 = h2.fma(w1, f2);
      FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, ALL, row + 2 * GATE, ORDER);
      g0 = h0.fma(w2, g0);
      g1 = h1.fma(w2, g1);
      g2 = h2.fma(w2, g2);
      FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, ALL, row + 3 * GATE, ORDER);
      o0 = h0.fma(w3, o0);
      o1 = h1.fma(w3, o1);
      o2 = h2.fma(w3, o2);
      left += 4;
      row += 4 * GATE;
    }
    i0.intoMemorySegment(ALL, out, ORDER);
    f0.intoMemorySegment(ALL, out + outGate, ORDER);
    g0.intoMemorySegment(ALL, out + 2 * outGate, ORDER);
    o0.intoMemorySegment(ALL, out + 3 * outGate, ORDER);
    long out1 = out + part;
    i1.intoMemorySegment(ALL, out1, ORDER);
    f1.intoMemorySegment(ALL, out1 + outGate, ORDER);
    g1.intoMemorySegment(ALL, out1 + 2 * outGate, ORDER);
    o1.intoMemorySegment(ALL, out1 + 3 * outGate, ORDER);
    long out2 = out1 + part;
    i2.intoMemorySegment(ALL, out2, ORDER);
    f2.intoMemorySegment(ALL, out2 + outGate, ORDER);
    g2.intoMemorySegment(ALL, out2 + 2 * outGate, ORDER);
    o2.intoMemorySegment(ALL, out2 + 3 * outGate, ORDER);
  }

  static void fourRows(long h, long weight, long given, long out, long outGate, long hidden) {
    long part = 4 * hidden;
    FloatVector i0 = FloatVector.fromMemorySegment(FLOATS, ALL, given, ORDER);
    FloatVector f0 = FloatVector.fromMemorySegment(FLOATS, ALL, given + part, ORDER);
    FloatVector g0 = FloatVector.fromMemorySegment(FLOATS, ALL, given + 2 * part, ORDER);
    FloatVector o0 = FloatVector.fromMemorySegment(FLOATS, ALL, given + 3 * part, ORDER);
    long given1 = given + 4 * part;
    FloatVector i1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1, ORDER);
    FloatVector f1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1 + part, ORDER);
    FloatVector g1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1 + 2 * part, ORDER);
    FloatVector o1 = FloatVector.fromMemorySegment(FLOATS, ALL, given1 + 3 * part, ORDER);
    long given2 = given1 + 4 * part;
    FloatVector i2 = FloatVector.fromMemorySegment(FLOATS, ALL, given2, ORDER);
    FloatVector f2 = FloatVector.fromMemorySegment(FLOATS, ALL, given2 + part, ORDER);
    FloatVector g2 = FloatVector.fromMemorySegment(FLOATS, ALL, given2 + 2 * part, ORDER);
    FloatVector o2 = FloatVector.fromMemorySegment(FLOATS, ALL, given2 + 3 * part, ORDER);
    long given3 = given2 + 4 * part;
    FloatVector i3 = FloatVector.fromMemorySegment(FLOATS, ALL, given3, ORDER);
    FloatVector f3 = FloatVector.fromMemorySegment(FLOATS, ALL, given3 + part, ORDER);
    FloatVector g3 = FloatVector.fromMemorySegment(FLOATS, ALL, given3 + 2 * part, ORDER);
    FloatVector o3 = FloatVector.fromMemorySegment(FLOATS, ALL, given3 + 3 * part, ORDER);
    long left = h;
    long row = weight;
    for (int k = 0, end = (int) hidden; k < end; k++) {
      FloatVector h0 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left));
      FloatVector h1 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + part));
      FloatVector h2 =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 2 * part));
      FloatVector h3 =
          FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 3 * part));
      FloatVector w0 = FloatVector.fromMemorySegment(FLOATS, ALL, row, ORDER);
      i0 = h0.fma(w0, i0);
      i1 = h1.fma(w0, i1);
      i2 = h2.fma(w0, i2);
      i3 = h3.fma(w0, i3);
      FloatVector w1 = FloatVector.fromMemorySegment(FLOATS, ALL, row + GATE, ORDER);
      f0 = h0.fma(w1, f0);
      f1 = h1.fma(w1, f1);
      f2 = h2.fma(w1, f2);
      f3 = h3.fma(w1, f3);
      FloatVector w2 = FloatVector.fromMemorySegment(FLOATS, ALL, row + 2 * GATE, ORDER);
      g0 = h0.fma(w2, g0);
      g1 = h1.fma(w2, g1);
      g2 = h2.fma(w2, g2);
      g3 = h3.fma(w2, g3);
      FloatVector w3 = FloatVector.fromMemorySegment(FLOATS, ALL, row + 3 * GATE, ORDER);
      o0 = h0.fma(w3, o0);
      o1 = h1.fma(w3, o1);
      o2 = h2.fma(w3, o2);
      o3 = h3.fma(w3, o3);
      left += 4;
      row += 4 * GATE;
    }
    i0.intoMemorySegment(ALL, out, ORDER);
    f0.intoMemorySegment(ALL, out + outGate, ORDER);
    g0.intoMemorySegment(ALL, out + 2 * outGate, ORDER);
    o0.intoMemorySegment(ALL, out + 3 * outGate, ORDER);
    long out1 = out + part;
    i1.intoMemorySegment(ALL, out1, ORDER);
    f1.intoMemorySegment(ALL, out1 + outGate, ORDER);
    g1.intoMemorySegment(ALL, out1 + 2 * outGate, ORDER);
    o1.intoMemorySegment(ALL, out1 + 3 * outGate, ORDER);
    long out2 = out1 + part;
    i2.intoMemorySegment(ALL, out2, ORDER);
    f2.intoMemorySegment(ALL, out2 + outGate, ORDER);
    g2.intoMemorySegment(ALL, out2 + 2 * outGate, ORDER);
    o2.intoMemorySegment(ALL, out2 + 3 * outGate, ORDER);
    long out3 = out2 + part;
    i3.intoMemorySegment(ALL, out3, ORDER);
    f3.intoMemorySegment(ALL, out3 + outGate, ORDER);
    g3.intoMemorySegment(ALL, out3 + 2 * outGate, ORDER);
    o3.intoMemorySegment(ALL, out3 + 3 * outGate, ORDER);
  }
}
