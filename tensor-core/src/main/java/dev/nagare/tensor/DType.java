package dev.nagare.tensor;

/**
 * Element type of a tensor.
 *
 * <p>Models compute in {@link #F32}, gradient checks in {@link #F64}; the others hold weights,
 * indices, bytes and masks. The names of the constants are those of the safetensors format.
 */
public enum DType {
  /** IEEE 754 binary32: what models compute with. */
  F32(4, true, "FP32"),
  /** IEEE 754 binary64: what gradient checks compute with. */
  F64(8, true, "FP64"),
  /**
   * The upper half of an {@link #F32}: its range with 8 bits of precision, for weights and for
   * inference. See {@link BFloat16}.
   */
  BF16(2, true, "BF16"),
  /** 64-bit signed integer: indices, classes. */
  I64(8, false, "INT64"),
  /** 32-bit signed integer. */
  I32(4, false, "INT32"),
  /** 8-bit unsigned integer: the bytes of an image. */
  U8(1, false, "UINT8"),
  /** A byte that is 0 or 1: masks, results of comparisons. */
  BOOL(1, false, "BOOL");

  private final int bytes;
  private final boolean floating;
  private final String openInferenceName;

  DType(int bytes, boolean floating, String openInferenceName) {
    this.bytes = bytes;
    this.floating = floating;
    this.openInferenceName = openInferenceName;
  }

  /** Size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Whether elements are floating point numbers. */
  public boolean isFloating() {
    return floating;
  }

  /** Name in the Open Inference Protocol, such as {@code FP32}. */
  public String openInferenceName() {
    return openInferenceName;
  }
}
