package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.ALL;
import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.nagare.tensor.DType;

/** {@link ChannelLoops}, one element at a time: the reference that vectors equal bit for bit. */
final class ScalarChannels implements ChannelLoops {

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
    affine(halvesIn, halvesOut, least, x, factors, terms, y, rows, columns, 0);
  }

  @Override
  public void copy(long x, long xRow, long y, long yRow, long rows, long bytes) {
    for (long row = 0; row < rows; row++) {
      long from = x + row * xRow;
      long to = y + row * yRow;
      long i = 0;
      for (; i + 8 <= bytes; i += 8) {
        ALL.set(JAVA_LONG_UNALIGNED, to + i, ALL.get(JAVA_LONG_UNALIGNED, from + i));
      }
      for (; i < bytes; i += 2) {
        ALL.set(JAVA_SHORT_UNALIGNED, to + i, ALL.get(JAVA_SHORT_UNALIGNED, from + i));
      }
    }
  }

  /** Of the columns from one on. */
  void affine(
      boolean halvesIn,
      boolean halvesOut,
      float least,
      long x,
      long factors,
      long terms,
      long y,
      long rows,
      long columns,
      long first) {
    DType in = halvesIn ? DType.BF16 : DType.F32;
    DType out = halvesOut ? DType.BF16 : DType.F32;
    for (long row = 0; row < rows; row++) {
      for (long j = first; j < columns; j++) {
        long at = row * columns + j;
        float product = Mixed.get(in, x, at) * getFloat(factors, j);
        float value = product + getFloat(terms, j);
        Mixed.set(out, y, at, value <= least ? least : value);
      }
    }
  }
}
