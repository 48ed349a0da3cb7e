package dev.nagare.tensor.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** What a kernel needs beside its arguments, one per thread, so that a call allocates nothing. */
final class Scratch {
  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  private final float[] partials = new float[Loops.PARTIALS];
  private final MemorySegment vector = Arena.ofAuto().allocate(4 * Loops.PARTIALS, 64);
  private MemorySegment bytes = MemorySegment.NULL;

  private Scratch() {}

  static Scratch ofThread() {
    return OF_THREAD.get();
  }

  /** Room for the partial sums of a block, with undefined content. */
  float[] partials() {
    return partials;
  }

  /** Address of room for the widest vector of floats, with undefined content. */
  long vector() {
    return vector.address();
  }

  /** Off-heap memory of at least this size, with undefined content, valid until the next call. */
  MemorySegment bytes(long size) {
    if (bytes.byteSize() < size) {
      bytes = Arena.ofAuto().allocate(size, 64);
    }
    return bytes;
  }
}
