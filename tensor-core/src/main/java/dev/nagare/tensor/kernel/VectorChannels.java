package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link ChannelLoops} over vectors along the channels, with the bits of {@link ScalarChannels},
 * which also does those that fill no vector.
 */
final class VectorChannels implements ChannelLoops {
  private static final int LANES = FLOATS.length();
  private static final VectorSpecies<Long> LONGS =
      VectorSpecies.of(long.class, FLOATS.vectorShape());
  private static final int BYTES = LONGS.vectorByteSize();

  private static final TileUnit FLOATS_TO_FLOATS = unit("floats");
  private static final TileUnit HALVES_TO_HALVES = unit("halves");
  private static final TileUnit FLOATS_TO_HALVES = unit("narrowed");
  private static final TileUnit HALVES_TO_FLOATS = unit("widened");

  private static final TileUnit COPY = unit("copied");

  private final ScalarChannels rest = new ScalarChannels();

  private static TileUnit unit(String name) {
    return new TileUnit(VectorChannels.class, name);
  }

  @Override
  public void affine(
      boolean halvesIn,
      boolean halvesOut,
      float least,
      long x,
      long factors,
      long terms,
      long y,
      long rows,
      long columns) {
    TileUnit unit =
        halvesIn
            ? halvesOut ? HALVES_TO_HALVES : HALVES_TO_FLOATS
            : halvesOut ? FLOATS_TO_HALVES : FLOATS_TO_FLOATS;
    long whole = columns - columns % LANES;
    if (whole > 0) {
      unit.run(least, x, factors, terms, y, columns, rows, whole);
    }
    if (whole < columns) {
      rest.affine(halvesIn, halvesOut, least, x, factors, terms, y, rows, columns, whole);
    }
  }

  @Override
  public void copy(long x, long xRow, long y, long yRow, long rows, long bytes) {
    if (bytes < BYTES) {
      rest.copy(x, xRow, y, yRow, rows, bytes);
    } else {
      COPY.run(x, xRow, y, yRow, rows, bytes);
    }
  }

  /** The last vector of a row overlaps the one before, unless whole ones fill it. */
  static void copied(long x, long xRow, long y, long yRow, long rows, long bytes) {
    long last = bytes - BYTES;
    for (long row = 0; row < rows; row++) {
      long from = x + row * xRow;
      long to = y + row * yRow;
      for (long i = 0; i < last; i += BYTES) {
        move(from + i, to + i);
      }
      move(from + last, to + last);
    }
  }

  private static void move(long from, long to) {
    LongVector.fromMemorySegment(LONGS, Addresses.ALL, from, VectorMath.ORDER)
        .intoMemorySegment(Addresses.ALL, to, VectorMath.ORDER);
  }

  static void floats(
      float least, long x, long factors, long terms, long y, long columns, long rows, long n) {
    FloatVector low = all(least);
    for (long row = 0; row < rows; row++) {
      long from = x + 4 * row * columns;
      long to = y + 4 * row * columns;
      for (long i = 0; i < n; i += LANES) {
        FloatVector v = load(from, i).mul(load(factors, i)).add(load(terms, i));
        v = v.blend(low, v.compare(VectorOperators.LE, low));
        store(v, to, i);
      }
    }
  }

  static void halves(
      float least, long x, long factors, long terms, long y, long columns, long rows, long n) {
    FloatVector low = all(least);
    for (long row = 0; row < rows; row++) {
      long from = x + 2 * row * columns;
      long to = y + 2 * row * columns;
      for (long i = 0; i < n; i += LANES) {
        FloatVector v = VectorHalves.load(from + 2 * i).mul(load(factors, i)).add(load(terms, i));
        v = v.blend(low, v.compare(VectorOperators.LE, low));
        VectorHalves.store(v, to + 2 * i);
      }
    }
  }

  static void narrowed(
      float least, long x, long factors, long terms, long y, long columns, long rows, long n) {
    FloatVector low = all(least);
    for (long row = 0; row < rows; row++) {
      long from = x + 4 * row * columns;
      long to = y + 2 * row * columns;
      for (long i = 0; i < n; i += LANES) {
        FloatVector v = load(from, i).mul(load(factors, i)).add(load(terms, i));
        v = v.blend(low, v.compare(VectorOperators.LE, low));
        VectorHalves.store(v, to + 2 * i);
      }
    }
  }

  static void widened(
      float least, long x, long factors, long terms, long y, long columns, long rows, long n) {
    FloatVector low = all(least);
    for (long row = 0; row < rows; row++) {
      long from = x + 2 * row * columns;
      long to = y + 4 * row * columns;
      for (long i = 0; i < n; i += LANES) {
        FloatVector v = VectorHalves.load(from + 2 * i).mul(load(factors, i)).add(load(terms, i));
        v = v.blend(low, v.compare(VectorOperators.LE, low));
        store(v, to, i);
      }
    }
  }
}
