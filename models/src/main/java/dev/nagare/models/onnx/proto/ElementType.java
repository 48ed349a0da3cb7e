package dev.nagare.models.onnx.proto;

import dev.nagare.tensor.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Element types by the numbers of {@code TensorProto.DataType}. */
public enum ElementType {
  UNDEFINED(null, 0),
  FLOAT(DType.F32, 4),
  UINT8(DType.U8, 5),
  INT8(null, 5),
  UINT16(null, 5),
  INT16(null, 5),
  INT32(DType.I32, 5),
  INT64(DType.I64, 7),
  STRING(null, 6),
  BOOL(DType.BOOL, 5),
  FLOAT16(null, 5),
  DOUBLE(DType.F64, 10),
  UINT32(null, 11),
  UINT64(null, 11),
  COMPLEX64(null, 4),
  COMPLEX128(null, 10),
  BFLOAT16(DType.BF16, 5);

  private static final List<ElementType> ALL = List.of(values());

  private final @Nullable DType dtype;
  private final int field;

  ElementType(@Nullable DType dtype, int field) {
    this.dtype = dtype;
    this.field = field;
  }

  private static @Nullable ElementType of(long number) {
    return number > 0 && number < ALL.size() ? ALL.get((int) number) : null;
  }

  /** The field of a TensorProto that holds elements that are not raw; 0 if there is none. */
  static int field(int number) {
    ElementType type = of(number);
    return type == null ? 0 : type.field;
  }

  /** Name of a number, for errors. */
  public static String nameOf(long number) {
    ElementType type = of(number);
    return type == null ? "type " + number : type.name();
  }

  /** The number of a dtype. */
  public static int number(DType dtype) {
    for (int number = 0; number < ALL.size(); number++) {
      if (ALL.get(number).dtype == dtype) {
        return number;
      }
    }
    throw new IllegalArgumentException(dtype + " has no number");
  }

  /**
   * The dtype of a number.
   *
   * @param what named in the refusal, such as {@code input x}
   * @throws OnnxException if tensors have no such elements here
   */
  public static DType dtype(long number, String what) {
    DType dtype = dtypeOrNull(number);
    if (dtype == null) {
      throw new OnnxException(what + ": element type " + nameOf(number) + " is not supported");
    }
    return dtype;
  }

  /** The dtype of a number, or null if tensors have no such elements here. */
  public static @Nullable DType dtypeOrNull(long number) {
    ElementType type = of(number);
    return type == null ? null : type.dtype;
  }
}
