package dev.nagare.tensor.onednn;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.nagare.tensor.kernel.StridedProduct.Form;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** One oneDNN product of several strided matrices with its argument set, for one thread. */
final class StridedMatmul {
  private static final int ARGUMENT_BYTES = 16;
  private static final int[] KINDS = {OneDnn.SRC, OneDnn.WEIGHTS, OneDnn.DST, OneDnn.SCRATCHPAD};

  private final Form form;
  private final String implementation;
  private final long primitive;
  private final Arena arena = Arena.ofAuto(); // lives as long as this object
  private final long arguments;
  private final long[] memories = new long[KINDS.length];

  StridedMatmul(Form f) {
    this.form = f;
    long a =
        OneDnn.matrices(
            f.count(),
            f.m(),
            f.k(),
            f.aNext(),
            f.transposeA() ? 1 : f.aRow(),
            f.transposeA() ? f.aRow() : 1);
    long b =
        OneDnn.matrices(
            f.count(),
            f.k(),
            f.n(),
            f.bNext(),
            f.transposeB() ? 1 : f.bRow(),
            f.transposeB() ? f.bRow() : 1);
    long out = OneDnn.matrices(f.count(), f.m(), f.n(), f.outNext(), f.outRow(), 1);
    long attributes = OneDnn.attributes(f.accumulate());
    long descriptor = OneDnn.matmul(a, b, 0, out, attributes);
    implementation = OneDnn.implementation(descriptor);
    primitive = OneDnn.primitive(descriptor);
    long pad = OneDnn.scratchpad(descriptor);
    long scratch = arena.allocate(Math.max(1, OneDnn.bytes(pad)), 64).address();
    memories[0] = OneDnn.memory(a, 0);
    memories[1] = OneDnn.memory(b, 0);
    memories[2] = OneDnn.memory(out, 0);
    memories[3] = OneDnn.memory(pad, scratch);
    MemorySegment set = arena.allocate((long) KINDS.length * ARGUMENT_BYTES, 8);
    for (int i = 0; i < KINDS.length; i++) {
      set.set(JAVA_INT, (long) i * ARGUMENT_BYTES, KINDS[i]);
      set.set(JAVA_LONG, (long) i * ARGUMENT_BYTES + 8, memories[i]);
    }
    arguments = set.address();
    OneDnn.destroyPrimitiveDescriptor(descriptor);
    OneDnn.destroyAttributes(attributes);
    OneDnn.destroyDescriptor(a);
    OneDnn.destroyDescriptor(b);
    OneDnn.destroyDescriptor(out);
  }

  Form form() {
    return form;
  }

  /** Name of oneDNN's implementation. */
  String implementation() {
    return implementation;
  }

  void run(long stream, long a, long b, long out) {
    OneDnn.setAddress(memories[0], a);
    OneDnn.setAddress(memories[1], b);
    OneDnn.setAddress(memories[2], out);
    OneDnn.execute(primitive, stream, KINDS.length, arguments, implementation);
  }

  void destroy() {
    OneDnn.destroyPrimitive(primitive);
    for (long memory : memories) {
      OneDnn.destroyMemory(memory);
    }
  }
}
