package dev.nagare.tensor.onednn;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A primitive with its argument set, for one thread; the scratchpad is the last argument.
 *
 * <p>It is called with addresses, in the order of the arguments; those that stay where they were
 * cost no call into oneDNN.
 */
final class Prepared {
  private static final int ARGUMENT_BYTES = 16;

  private final String implementation;
  private final long primitive;
  private final long scratchpadBytes;
  private final Arena arena = Arena.ofAuto(); // lives as long as this object
  private final long arguments;
  private final long[] memories;
  private final long[] addresses;

  /**
   * @param descriptor of the primitive; stays the caller's
   * @param kinds of the arguments, without the scratchpad
   * @param layouts of the arguments; stay the caller's
   */
  Prepared(long descriptor, int[] kinds, long[] layouts) {
    implementation = OneDnn.implementation(descriptor);
    primitive = OneDnn.primitive(descriptor);
    long pad = OneDnn.scratchpad(descriptor);
    scratchpadBytes = OneDnn.bytes(pad);
    int count = kinds.length + 1;
    memories = new long[count];
    addresses = new long[count];
    MemorySegment set = arena.allocate((long) count * ARGUMENT_BYTES, 8);
    for (int i = 0; i < count; i++) {
      memories[i] = OneDnn.memory(i < kinds.length ? layouts[i] : pad, 0);
      set.set(JAVA_INT, (long) i * ARGUMENT_BYTES, i < kinds.length ? kinds[i] : OneDnn.SCRATCHPAD);
      set.set(JAVA_LONG, (long) i * ARGUMENT_BYTES + 8, memories[i]);
    }
    arguments = set.address();
  }

  /** Name of oneDNN's implementation. */
  String implementation() {
    return implementation;
  }

  long scratchpadBytes() {
    return scratchpadBytes;
  }

  /** Says where an argument is. */
  Prepared at(int index, long address) {
    if (addresses[index] != address) {
      OneDnn.setAddress(memories[index], address);
      addresses[index] = address;
    }
    return this;
  }

  /** Runs; the scratchpad is at that address. */
  void run(long stream, long scratchpad) {
    at(memories.length - 1, scratchpad);
    OneDnn.execute(primitive, stream, memories.length, arguments, implementation);
  }

  void destroy() {
    OneDnn.destroyPrimitive(primitive);
    for (long memory : memories) {
      OneDnn.destroyMemory(memory);
    }
  }
}
