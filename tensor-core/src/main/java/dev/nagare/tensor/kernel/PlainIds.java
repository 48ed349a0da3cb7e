package dev.nagare.tensor.kernel;

/** Identifiers of the plain-Java kernels. */
final class PlainIds {
  /** Changes with every change of these kernels that changes a bit of a result. */
  private static final int TABLE_VERSION = 3;

  private PlainIds() {}

  /**
   * Such as {@code vector any-isa width-16 jdk-25 table-2}: the bits depend neither on the
   * instruction set nor on the width of the machine's registers.
   */
  static String of(String name) {
    return name
        + " any-isa width-"
        + Loops.PARTIALS
        + " jdk-"
        + Runtime.version().feature()
        + " table-"
        + TABLE_VERSION;
  }
}
