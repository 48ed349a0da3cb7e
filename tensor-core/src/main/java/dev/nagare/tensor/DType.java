package dev.nagare.tensor;

/** Element type of a tensor. */
public enum DType {
  /** IEEE 754 binary32: what models compute with. */
  F32(4),
  /** IEEE 754 binary64: what gradient checks compute with. */
  F64(8);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }
}
