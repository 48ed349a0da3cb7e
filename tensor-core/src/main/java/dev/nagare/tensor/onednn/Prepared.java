package dev.nagare.tensor.onednn;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A primitive with an argument set, for one thread; the scratchpad is the last argument.
 *
 * <p>It is called with addresses, in the order of the arguments; those that stay where they were
 * cost no call into oneDNN.
 */
final class Prepared {
  private static final int ARGUMENT_BYTES = 16;

  private final Primitive primitive;
  private final boolean own;
  private final Arena arena = Arena.ofAuto(); // lives as long as this object
  private final long arguments;
  private final long[] memories;
  private final long[] addresses;

  /** With a primitive of its own: see {@link Primitive#Primitive}. */
  Prepared(long descriptor, int[] kinds, long[] layouts) {
    this(new Primitive(descriptor, kinds, layouts), true);
  }

  /** With a primitive that others use too, and that is destroyed after this. */
  Prepared(Primitive primitive) {
    this(primitive, false);
  }

  private Prepared(Primitive primitive, boolean own) {
    this.primitive = primitive;
    this.own = own;
    int count = primitive.count();
    memories = new long[count];
    addresses = new long[count];
    MemorySegment set = arena.allocate((long) count * ARGUMENT_BYTES, 8);
    for (int i = 0; i < count; i++) {
      memories[i] = OneDnn.memory(primitive.layout(i), 0);
      set.set(JAVA_INT, (long) i * ARGUMENT_BYTES, primitive.kind(i));
      set.set(JAVA_LONG, (long) i * ARGUMENT_BYTES + 8, memories[i]);
    }
    arguments = set.address();
  }

  /** Name of oneDNN's implementation. */
  String implementation() {
    return primitive.implementation();
  }

  long scratchpadBytes() {
    return primitive.scratchpadBytes();
  }

  /** Says where an argument is. */
  Prepared at(int index, long address) {
    if (addresses[index] != address) {
      OneDnn.setAddress(memories[index], address);
      addresses[index] = address;
    }
    return this;
  }

  /** Whether it was said where an argument is. */
  boolean isPlaced(int index) {
    return addresses[index] != 0;
  }

  /** Runs; the scratchpad is at that address. */
  void run(long stream, long scratchpad) {
    at(memories.length - 1, scratchpad);
    primitive.execute(stream, arguments);
  }

  void destroy() {
    for (long memory : memories) {
      OneDnn.destroyMemory(memory);
    }
    if (own) {
      primitive.destroy();
    }
  }
}
