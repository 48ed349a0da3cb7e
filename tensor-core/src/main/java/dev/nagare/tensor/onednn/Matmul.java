package dev.nagare.tensor.onednn;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * One oneDNN product of fixed shape with its argument set, for one thread.
 *
 * <p>Matrices are dense and row-major; a transposed one is the same memory with other strides.
 */
final class Matmul {
  static final int TRANSPOSE_A = 1;
  static final int TRANSPOSE_B = 2;
  static final int WITH_BIAS = 4;
  static final int ACCUMULATE = 8;
  static final int BF16 = 16;

  private static final int ARGUMENT_BYTES = 16;

  private final long m;
  private final long n;
  private final long k;
  private final int flags;
  private final String implementation;
  private final long primitive;
  private final Arena arena = Arena.ofAuto(); // lives as long as this object
  private final int count;
  private final long arguments;
  private final long[] memories = new long[5];
  private final long[] addresses = new long[4];

  Matmul(long m, long n, long k, int flags) {
    this.m = m;
    this.n = n;
    this.k = k;
    this.flags = flags;
    boolean ta = (flags & TRANSPOSE_A) != 0;
    boolean tb = (flags & TRANSPOSE_B) != 0;
    boolean bias = (flags & WITH_BIAS) != 0;
    int type = (flags & BF16) != 0 ? OneDnn.BF16 : OneDnn.F32;
    long a = OneDnn.matrix(type, m, k, ta ? 1 : k, ta ? m : 1);
    long b = OneDnn.matrix(type, k, n, tb ? 1 : n, tb ? k : 1);
    long row = bias ? OneDnn.matrix(type, 1, n, n, 1) : 0;
    long out = OneDnn.matrix(type, m, n, n, 1);
    long attributes = OneDnn.attributes((flags & ACCUMULATE) != 0);
    long descriptor = OneDnn.matmul(a, b, row, out, attributes);
    implementation = OneDnn.implementation(descriptor);
    primitive = OneDnn.primitive(descriptor);
    long pad = OneDnn.scratchpad(descriptor);
    long scratch = arena.allocate(Math.max(1, OneDnn.bytes(pad)), 64).address();
    memories[0] = OneDnn.memory(a, 0);
    memories[1] = OneDnn.memory(b, 0);
    memories[2] = OneDnn.memory(out, 0);
    memories[3] = OneDnn.memory(pad, scratch);
    memories[4] = bias ? OneDnn.memory(row, 0) : 0;
    MemorySegment set = arena.allocate(5 * ARGUMENT_BYTES, 8);
    argument(set, 0, OneDnn.SRC);
    argument(set, 1, OneDnn.WEIGHTS);
    argument(set, 2, OneDnn.DST);
    argument(set, 3, OneDnn.SCRATCHPAD);
    argument(set, 4, OneDnn.BIAS);
    arguments = set.address();
    count = bias ? 5 : 4;
    OneDnn.destroyPrimitiveDescriptor(descriptor);
    OneDnn.destroyAttributes(attributes);
    OneDnn.destroyDescriptor(a);
    OneDnn.destroyDescriptor(b);
    OneDnn.destroyDescriptor(out);
    if (bias) {
      OneDnn.destroyDescriptor(row);
    }
  }

  private void argument(MemorySegment set, int index, int kind) {
    set.set(JAVA_INT, (long) index * ARGUMENT_BYTES, kind);
    set.set(JAVA_LONG, (long) index * ARGUMENT_BYTES + 8, memories[index]);
  }

  boolean is(long otherM, long otherN, long otherK, int otherFlags) {
    return m == otherM && n == otherN && k == otherK && flags == otherFlags;
  }

  /** Name of oneDNN's implementation. */
  String implementation() {
    return implementation;
  }

  void run(long stream, long a, long b, long bias, long out) {
    point(0, memories[0], a);
    point(1, memories[1], b);
    point(2, memories[2], out);
    if (bias != 0) {
      point(3, memories[4], bias);
    }
    OneDnn.execute(primitive, stream, count, arguments, implementation);
  }

  /**
   * Weights and bias stay where they are from call to call, so most calls into oneDNN fall away.
   */
  private void point(int index, long memory, long address) {
    if (addresses[index] != address) {
      OneDnn.setAddress(memory, address);
      addresses[index] = address;
    }
  }

  void destroy() {
    OneDnn.destroyPrimitive(primitive);
    for (long memory : memories) {
      if (memory != 0) {
        OneDnn.destroyMemory(memory);
      }
    }
  }

  static long aligned(long bytes) {
    return (bytes + 63) & -64;
  }
}
