package dev.nagare.streaming.protocol;

import dev.nagare.streaming.protocol.wire.InferTensorContents;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;

/** Elements that came in a typed field of the message rather than as raw bytes. */
final class TypedContents {
  private TypedContents() {}

  /** Whether there is any element, in whichever field. */
  static boolean any(InferTensorContents contents) {
    return all(contents) > 0;
  }

  /**
   * How many elements there are.
   *
   * @throws ProtocolException status 400 if they are in the field of another datatype, or if the
   *     datatype has none
   */
  static int count(String path, InferTensorContents contents, DType dtype) {
    int count =
        switch (dtype) {
          case F32 -> contents.getFp32ContentsCount();
          case F64 -> contents.getFp64ContentsCount();
          case I64 -> contents.getInt64ContentsCount();
          case I32 -> contents.getIntContentsCount();
          case U8 -> contents.getUintContentsCount();
          case BOOL -> contents.getBoolContentsCount();
          case BF16 ->
              throw RequestReader.refused(
                  path + ": BF16 has no typed contents; send it as raw_input_contents");
        };
    if (count != all(contents)) {
      throw RequestReader.refused(
          path
              + ": elements of "
              + dtype.openInferenceName()
              + " belong in "
              + field(dtype)
              + ", got others");
    }
    return count;
  }

  /**
   * Fills a tensor of as many elements.
   *
   * @throws ProtocolException status 400 if an element is beyond its datatype
   */
  static void read(String path, InferTensorContents contents, Tensor to) {
    int count = (int) to.elements();
    for (int i = 0; i < count; i++) {
      switch (to.dtype()) {
        case F32 -> to.set(i, contents.getFp32Contents(i));
        case F64 -> to.set(i, contents.getFp64Contents(i));
        case I64 -> to.setLong(i, contents.getInt64Contents(i));
        case I32 -> to.setLong(i, contents.getIntContents(i));
        case U8 -> to.setLong(i, octet(path, contents.getUintContents(i), i));
        case BOOL -> to.setLong(i, contents.getBoolContents(i) ? 1 : 0);
        case BF16 -> throw new IllegalArgumentException("BF16 has no typed contents");
      }
    }
  }

  private static int octet(String path, int value, int at) {
    if (value < 0 || value > 255) {
      throw RequestReader.refused(
          path
              + ": uint_contents["
              + at
              + "]: expected a whole number from 0 to 255, got "
              + Integer.toUnsignedString(value));
    }
    return value;
  }

  private static int all(InferTensorContents contents) {
    return contents.getBoolContentsCount()
        + contents.getIntContentsCount()
        + contents.getInt64ContentsCount()
        + contents.getUintContentsCount()
        + contents.getUint64ContentsCount()
        + contents.getFp32ContentsCount()
        + contents.getFp64ContentsCount()
        + contents.getBytesContentsCount();
  }

  private static String field(DType dtype) {
    return switch (dtype) {
      case F32 -> "fp32_contents";
      case F64 -> "fp64_contents";
      case I64 -> "int64_contents";
      case I32 -> "int_contents";
      case U8 -> "uint_contents";
      case BOOL -> "bool_contents";
      case BF16 -> "raw_input_contents";
    };
  }
}
