package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.ALL;
import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.ORDER;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import jdk.incubator.vector.FloatVector;

/**
 * The products of {@link VectorTiles}. Seven rows or more by one or two vectors stay in registers:
 * enough chains to hide the latency of the multiply-add. All tiles in all 36 points are in one
 * unit, since a call costs what a product of seven rows and sixteen channels does.
 *
 * <p>Calls the JDK's own methods, as {@link VectorProduct} does and for its reason.
 */
final class VectorTileProducts {
  private static final int LANES = FLOATS.length();
  private static final long V = 4L * LANES;
  private static final int GROUP = TileLoops.GROUP;
  private static final int LAST = GROUP - 1;
  private static final long ROW = 4L * GROUP;
  private static final int POINTS = TileLoops.EDGE * TileLoops.EDGE;

  private static final TileUnit SEVEN_BY_ONE = unit("sevenByOne");
  private static final TileUnit FOURTEEN_BY_ONE = unit("fourteenByOne");
  private static final TileUnit SEVEN_BY_TWO = unit("sevenByTwo");
  private static final TileUnit EIGHT_BY_TWO = unit("eightByTwo");

  private VectorTileProducts() {}

  private static TileUnit unit(String name) {
    return new TileUnit(VectorTileProducts.class, name);
  }

  static void products(
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
    int width = Math.min(columns, 2 * LANES);
    boolean two = width == 2 * LANES;
    // the fewest rows of a unit that take no more blocks than the most
    int most = two ? 8 : tiles >= 14 ? 14 : 7;
    int blocks = (tiles + most - 1) / most;
    int rows = blocks * 7 >= tiles ? 7 : most;
    TileUnit unit =
        two
            ? (rows == 7 ? SEVEN_BY_TWO : EIGHT_BY_TWO)
            : rows == 7 ? SEVEN_BY_ONE : FOURTEEN_BY_ONE;
    // where a group of channels ends, so many bytes on to the next
    long next = vGroup - 4L * LAST;
    for (long j = 0; j < columns; j += width) {
      unit.run(v, vPoint, next, u + 4 * j, 4L * columns, m + 4 * j, mPoint, mRow, k, tiles);
    }
  }

  static void sevenByOne(
      long v,
      long vPoint,
      long vGroup,
      long u,
      long uRow,
      long m,
      long mPoint,
      long mRow,
      long k,
      long tiles) {
    int blocks = ((int) tiles + 6) / 7;
    int last = Math.max(0, (int) tiles - 7); // may repeat some of the one before
    for (int p = 0; p < POINTS; p++) {
      for (int block = 0; block < blocks; block++) {
        int tile = Math.min(block * 7, last);
        long right = u + p * k * uRow;
        FloatVector s00 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s10 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s20 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s30 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s40 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s50 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s60 = FloatVector.broadcast(FLOATS, 0f);
        long left = v + p * vPoint + tile * ROW;
        for (int t = 0, end = (int) k; t < end; t++) {
          FloatVector u0 = FloatVector.fromMemorySegment(FLOATS, ALL, right, ORDER);
          s00 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left)).fma(u0, s00);
          s10 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + ROW)).fma(u0, s10);
          s20 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 2 * ROW))
                  .fma(u0, s20);
          s30 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 3 * ROW))
                  .fma(u0, s30);
          s40 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 4 * ROW))
                  .fma(u0, s40);
          s50 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 5 * ROW))
                  .fma(u0, s50);
          s60 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 6 * ROW))
                  .fma(u0, s60);
          left += (t & LAST) == LAST ? vGroup : 4;
          right += uRow;
        }
        long to = m + p * mPoint + tile * mRow;
        s00.intoMemorySegment(ALL, to, ORDER);
        s10.intoMemorySegment(ALL, to + mRow, ORDER);
        s20.intoMemorySegment(ALL, to + 2 * mRow, ORDER);
        s30.intoMemorySegment(ALL, to + 3 * mRow, ORDER);
        s40.intoMemorySegment(ALL, to + 4 * mRow, ORDER);
        s50.intoMemorySegment(ALL, to + 5 * mRow, ORDER);
        s60.intoMemorySegment(ALL, to + 6 * mRow, ORDER);
      }
    }
  }

  static void fourteenByOne(
      long v,
      long vPoint,
      long vGroup,
      long u,
      long uRow,
      long m,
      long mPoint,
      long mRow,
      long k,
      long tiles) {
    int blocks = ((int) tiles + 13) / 14;
    int last = Math.max(0, (int) tiles - 14); // may repeat some of the one before
    for (int p = 0; p < POINTS; p++) {
      for (int block = 0; block < blocks; block++) {
        int tile = Math.min(block * 14, last);
        long right = u + p * k * uRow;
        FloatVector s00 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s10 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s20 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s30 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s40 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s50 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s60 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s70 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s80 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s90 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s100 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s110 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s120 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s130 = FloatVector.broadcast(FLOATS, 0f);
        long left = v + p * vPoint + tile * ROW;
        for (int t = 0, end = (int) k; t < end; t++) {
          FloatVector u0 = FloatVector.fromMemorySegment(FLOATS, ALL, right, ORDER);
          s00 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left)).fma(u0, s00);
          s10 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + ROW)).fma(u0, s10);
          s20 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 2 * ROW))
                  .fma(u0, s20);
          s30 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 3 * ROW))
                  .fma(u0, s30);
          s40 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 4 * ROW))
                  .fma(u0, s40);
          s50 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 5 * ROW))
                  .fma(u0, s50);
          s60 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 6 * ROW))
                  .fma(u0, s60);
          s70 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 7 * ROW))
                  .fma(u0, s70);
          s80 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 8 * ROW))
                  .fma(u0, s80);
          s90 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 9 * ROW))
                  .fma(u0, s90);
          s100 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 10 * ROW))
                  .fma(u0, s100);
          s110 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 11 * ROW))
                  .fma(u0, s110);
          s120 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 12 * ROW))
                  .fma(u0, s120);
          s130 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 13 * ROW))
                  .fma(u0, s130);
          left += (t & LAST) == LAST ? vGroup : 4;
          right += uRow;
        }
        long to = m + p * mPoint + tile * mRow;
        s00.intoMemorySegment(ALL, to, ORDER);
        s10.intoMemorySegment(ALL, to + mRow, ORDER);
        s20.intoMemorySegment(ALL, to + 2 * mRow, ORDER);
        s30.intoMemorySegment(ALL, to + 3 * mRow, ORDER);
        s40.intoMemorySegment(ALL, to + 4 * mRow, ORDER);
        s50.intoMemorySegment(ALL, to + 5 * mRow, ORDER);
        s60.intoMemorySegment(ALL, to + 6 * mRow, ORDER);
        s70.intoMemorySegment(ALL, to + 7 * mRow, ORDER);
        s80.intoMemorySegment(ALL, to + 8 * mRow, ORDER);
        s90.intoMemorySegment(ALL, to + 9 * mRow, ORDER);
        s100.intoMemorySegment(ALL, to + 10 * mRow, ORDER);
        s110.intoMemorySegment(ALL, to + 11 * mRow, ORDER);
        s120.intoMemorySegment(ALL, to + 12 * mRow, ORDER);
        s130.intoMemorySegment(ALL, to + 13 * mRow, ORDER);
      }
    }
  }

  static void sevenByTwo(
      long v,
      long vPoint,
      long vGroup,
      long u,
      long uRow,
      long m,
      long mPoint,
      long mRow,
      long k,
      long tiles) {
    int blocks = ((int) tiles + 6) / 7;
    int last = Math.max(0, (int) tiles - 7); // may repeat some of the one before
    for (int p = 0; p < POINTS; p++) {
      for (int block = 0; block < blocks; block++) {
        int tile = Math.min(block * 7, last);
        long right = u + p * k * uRow;
        FloatVector s00 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s01 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s10 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s11 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s20 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s21 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s30 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s31 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s40 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s41 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s50 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s51 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s60 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s61 = FloatVector.broadcast(FLOATS, 0f);
        long left = v + p * vPoint + tile * ROW;
        for (int t = 0, end = (int) k; t < end; t++) {
          FloatVector u0 = FloatVector.fromMemorySegment(FLOATS, ALL, right, ORDER);
          FloatVector u1 = FloatVector.fromMemorySegment(FLOATS, ALL, right + V, ORDER);
          FloatVector v0 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left));
          s00 = v0.fma(u0, s00);
          s01 = v0.fma(u1, s01);
          FloatVector v1 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + ROW));
          s10 = v1.fma(u0, s10);
          s11 = v1.fma(u1, s11);
          FloatVector v2 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 2 * ROW));
          s20 = v2.fma(u0, s20);
          s21 = v2.fma(u1, s21);
          FloatVector v3 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 3 * ROW));
          s30 = v3.fma(u0, s30);
          s31 = v3.fma(u1, s31);
          FloatVector v4 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 4 * ROW));
          s40 = v4.fma(u0, s40);
          s41 = v4.fma(u1, s41);
          FloatVector v5 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 5 * ROW));
          s50 = v5.fma(u0, s50);
          s51 = v5.fma(u1, s51);
          FloatVector v6 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 6 * ROW));
          s60 = v6.fma(u0, s60);
          s61 = v6.fma(u1, s61);
          left += (t & LAST) == LAST ? vGroup : 4;
          right += uRow;
        }
        long to = m + p * mPoint + tile * mRow;
        s00.intoMemorySegment(ALL, to, ORDER);
        s01.intoMemorySegment(ALL, to + V, ORDER);
        s10.intoMemorySegment(ALL, to + mRow, ORDER);
        s11.intoMemorySegment(ALL, to + mRow + V, ORDER);
        s20.intoMemorySegment(ALL, to + 2 * mRow, ORDER);
        s21.intoMemorySegment(ALL, to + 2 * mRow + V, ORDER);
        s30.intoMemorySegment(ALL, to + 3 * mRow, ORDER);
        s31.intoMemorySegment(ALL, to + 3 * mRow + V, ORDER);
        s40.intoMemorySegment(ALL, to + 4 * mRow, ORDER);
        s41.intoMemorySegment(ALL, to + 4 * mRow + V, ORDER);
        s50.intoMemorySegment(ALL, to + 5 * mRow, ORDER);
        s51.intoMemorySegment(ALL, to + 5 * mRow + V, ORDER);
        s60.intoMemorySegment(ALL, to + 6 * mRow, ORDER);
        s61.intoMemorySegment(ALL, to + 6 * mRow + V, ORDER);
      }
    }
  }

  static void eightByTwo(
      long v,
      long vPoint,
      long vGroup,
      long u,
      long uRow,
      long m,
      long mPoint,
      long mRow,
      long k,
      long tiles) {
    int blocks = ((int) tiles + 7) / 8;
    int last = Math.max(0, (int) tiles - 8); // may repeat some of the one before
    for (int p = 0; p < POINTS; p++) {
      for (int block = 0; block < blocks; block++) {
        int tile = Math.min(block * 8, last);
        long right = u + p * k * uRow;
        FloatVector s00 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s01 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s10 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s11 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s20 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s21 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s30 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s31 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s40 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s41 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s50 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s51 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s60 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s61 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s70 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector s71 = FloatVector.broadcast(FLOATS, 0f);
        long left = v + p * vPoint + tile * ROW;
        for (int t = 0, end = (int) k; t < end; t++) {
          FloatVector u0 = FloatVector.fromMemorySegment(FLOATS, ALL, right, ORDER);
          FloatVector u1 = FloatVector.fromMemorySegment(FLOATS, ALL, right + V, ORDER);
          FloatVector v0 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left));
          s00 = v0.fma(u0, s00);
          s01 = v0.fma(u1, s01);
          FloatVector v1 = FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + ROW));
          s10 = v1.fma(u0, s10);
          s11 = v1.fma(u1, s11);
          FloatVector v2 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 2 * ROW));
          s20 = v2.fma(u0, s20);
          s21 = v2.fma(u1, s21);
          FloatVector v3 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 3 * ROW));
          s30 = v3.fma(u0, s30);
          s31 = v3.fma(u1, s31);
          FloatVector v4 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 4 * ROW));
          s40 = v4.fma(u0, s40);
          s41 = v4.fma(u1, s41);
          FloatVector v5 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 5 * ROW));
          s50 = v5.fma(u0, s50);
          s51 = v5.fma(u1, s51);
          FloatVector v6 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 6 * ROW));
          s60 = v6.fma(u0, s60);
          s61 = v6.fma(u1, s61);
          FloatVector v7 =
              FloatVector.broadcast(FLOATS, ALL.get(JAVA_FLOAT_UNALIGNED, left + 7 * ROW));
          s70 = v7.fma(u0, s70);
          s71 = v7.fma(u1, s71);
          left += (t & LAST) == LAST ? vGroup : 4;
          right += uRow;
        }
        long to = m + p * mPoint + tile * mRow;
        s00.intoMemorySegment(ALL, to, ORDER);
        s01.intoMemorySegment(ALL, to + V, ORDER);
        s10.intoMemorySegment(ALL, to + mRow, ORDER);
        s11.intoMemorySegment(ALL, to + mRow + V, ORDER);
        s20.intoMemorySegment(ALL, to + 2 * mRow, ORDER);
        s21.intoMemorySegment(ALL, to + 2 * mRow + V, ORDER);
        s30.intoMemorySegment(ALL, to + 3 * mRow, ORDER);
        s31.intoMemorySegment(ALL, to + 3 * mRow + V, ORDER);
        s40.intoMemorySegment(ALL, to + 4 * mRow, ORDER);
        s41.intoMemorySegment(ALL, to + 4 * mRow + V, ORDER);
        s50.intoMemorySegment(ALL, to + 5 * mRow, ORDER);
        s51.intoMemorySegment(ALL, to + 5 * mRow + V, ORDER);
        s60.intoMemorySegment(ALL, to + 6 * mRow, ORDER);
        s61.intoMemorySegment(ALL, to + 6 * mRow + V, ORDER);
        s70.intoMemorySegment(ALL, to + 7 * mRow, ORDER);
        s71.intoMemorySegment(ALL, to + 7 * mRow + V, ORDER);
      }
    }
  }
}
