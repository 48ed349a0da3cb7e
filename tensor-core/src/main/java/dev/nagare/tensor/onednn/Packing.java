package dev.nagare.tensor.onednn;

import java.lang.foreign.Arena;

/** Brings weights into the order and dtype in which a primitive wants them. */
final class Packing {
  private final Primitive copy;
  private final long bytes;

  /**
   * @param plain descriptor of weights as they come; stays the caller's
   * @param wanted descriptor of what the primitive wants; stays the caller's
   */
  Packing(long plain, long wanted) {
    copy = primitive(plain, wanted);
    bytes = OneDnn.bytes(wanted);
  }

  /** A primitive that copies, with arguments from and to. */
  static Primitive primitive(long from, long to) {
    long attributes = OneDnn.attributes(false);
    long descriptor = ConvolutionFunctions.reorder(from, to, attributes);
    Primitive copy =
        new Primitive(descriptor, new int[] {OneDnn.SRC, OneDnn.DST}, new long[] {from, to});
    OneDnn.destroyPrimitiveDescriptor(descriptor);
    OneDnn.destroyAttributes(attributes);
    return copy;
  }

  long bytes() {
    return bytes;
  }

  /** Packs; any number of threads at once. */
  void run(long weight, long packed) {
    long stream = OneDnn.stream();
    Prepared call = new Prepared(copy);
    try (Arena arena = Arena.ofConfined()) {
      long pad = arena.allocate(copy.scratchpadBytes() + 1, 64).address();
      call.at(0, weight).at(1, packed).run(stream, pad);
    } finally {
      call.destroy();
      OneDnn.destroyStream(stream);
    }
  }

  void destroy() {
    copy.destroy();
  }
}
