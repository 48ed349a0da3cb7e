package dev.nagare.tensor.onednn;

/** A primitive and what its arguments look like; safe for any number of threads. */
final class Primitive {
  private final String implementation;
  private final long primitive;
  private final int[] kinds;
  private final long[] layouts;
  private final long scratchpadBytes;

  /**
   * @param descriptor of the primitive; stays the caller's
   * @param kinds of the arguments, without the scratchpad
   * @param layouts of the arguments; stay the caller's
   */
  Primitive(long descriptor, int[] kinds, long[] layouts) {
    int count = kinds.length + 1;
    long pad = OneDnn.scratchpad(descriptor);
    implementation = OneDnn.implementation(descriptor);
    primitive = OneDnn.primitive(descriptor);
    scratchpadBytes = OneDnn.bytes(pad);
    this.kinds = new int[count];
    this.layouts = new long[count];
    for (int i = 0; i < count; i++) {
      boolean given = i < kinds.length;
      this.kinds[i] = given ? kinds[i] : OneDnn.SCRATCHPAD;
      this.layouts[i] = Layout.copy(given ? layouts[i] : pad);
    }
  }

  /** Name of oneDNN's implementation. */
  String implementation() {
    return implementation;
  }

  long scratchpadBytes() {
    return scratchpadBytes;
  }

  /** Number of arguments, the scratchpad included, which is the last. */
  int count() {
    return kinds.length;
  }

  int kind(int index) {
    return kinds[index];
  }

  long layout(int index) {
    return layouts[index];
  }

  void execute(long stream, long arguments) {
    OneDnn.execute(primitive, stream, kinds.length, arguments, implementation);
  }

  void destroy() {
    OneDnn.destroyPrimitive(primitive);
    for (long layout : layouts) {
      OneDnn.destroyDescriptor(layout);
    }
  }
}
