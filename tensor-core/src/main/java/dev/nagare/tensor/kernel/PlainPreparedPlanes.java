package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.ALL;
import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.CopySpec;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The planes of images, such as red, green and blue, to pixels one after the other. For so few
 * planes oneDNN has nothing better than a kernel made for matrices: 67 µs by this for an image of
 * 224x224 in place of 211 (EPYC, AVX-512, 2026-11-26). Numbers that become BF16 are rounded by
 * vectors, some pixels at a time, before they are put next to each other.
 */
final class PlainPreparedPlanes extends PlainPreparedKernel {
  /** Pixels whose rounded numbers stay in the nearest cache. */
  private static final long SOME = 2048;

  private static final ValueLayout.OfLong PIXEL =
      JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final HeadLoops loops;
  private final long images;
  private final int planes;
  private final long pixels;
  private final boolean halves;

  /** Of a copy that {@link CopySpec#isOfFewPlanes}. */
  PlainPreparedPlanes(CopySpec spec, HeadLoops loops) {
    super(Arguments.of(spec), "planes");
    this.loops = loops;
    images = spec.shape().dim(0);
    planes = Math.toIntExact(spec.shape().dim(1));
    pixels = spec.shape().dim(2) * spec.shape().dim(3);
    halves = spec.result() == DType.BF16;
  }

  @Override
  public long scratchBytes() {
    return halves ? 2L * planes * SOME : 0;
  }

  @Override
  void compute(Places at) {
    long count = planes * pixels;
    for (long n = 0; n < images; n++) {
      long x = at.inputs[0] + 4 * n * count;
      if (halves) {
        halves(x, at.scratch, at.output + 2 * n * count);
      } else if (planes == 3) {
        three(x, x + 4 * pixels, x + 8 * pixels, at.output + 12 * n * pixels, pixels);
      } else {
        floats(x, at.output + 4 * n * count);
      }
    }
  }

  private static void three(long red, long green, long blue, long y, long pixels) {
    long to = y;
    for (long i = 0; i < pixels; i++) {
      float r = getFloat(red, i);
      float g = getFloat(green, i);
      float b = getFloat(blue, i);
      Addresses.setFloat(to, 0, r);
      Addresses.setFloat(to, 1, g);
      Addresses.setFloat(to, 2, b);
      to += 12;
    }
  }

  private void floats(long x, long y) {
    for (int c = 0; c < planes; c++) {
      for (long i = 0; i < pixels; i++) {
        Addresses.setFloat(y, i * planes + c, getFloat(x, c * pixels + i));
      }
    }
  }

  private void halves(long x, long scratch, long y) {
    for (long from = 0; from < pixels; from += SOME) {
      long count = Math.min(SOME, pixels - from);
      for (int c = 0; c < planes; c++) {
        loops.narrow(x + 4 * (c * pixels + from), scratch + 2L * c * SOME, count);
      }
      long to = y + 2 * from * planes;
      if (planes == 3) {
        threeHalves(scratch, to, count);
      } else {
        for (int c = 0; c < planes; c++) {
          for (long i = 0; i < count; i++) {
            setHalf(to, i * planes + c, getHalf(scratch, c * SOME + i));
          }
        }
      }
    }
  }

  /** A pixel and a fourth number, which the next pixel overwrites, at a time. */
  private static void threeHalves(long x, long y, long count) {
    long last = count - 1;
    for (long i = 0; i < last; i++) {
      long red = getHalf(x, i) & 0xffffL;
      long green = getHalf(x, SOME + i) & 0xffffL;
      long blue = getHalf(x, 2 * SOME + i) & 0xffffL;
      ALL.set(PIXEL, y + 6 * i, red | green << 16 | blue << 32);
    }
    for (int c = 0; c < 3; c++) {
      setHalf(y, 3 * last + c, getHalf(x, c * SOME + last));
    }
  }

  private static short getHalf(long address, long index) {
    return ALL.get(JAVA_SHORT_UNALIGNED, address + 2 * index);
  }

  private static void setHalf(long address, long index, short bits) {
    ALL.set(JAVA_SHORT_UNALIGNED, address + 2 * index, bits);
  }
}
