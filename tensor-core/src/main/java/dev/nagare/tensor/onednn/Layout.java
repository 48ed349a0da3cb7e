package dev.nagare.tensor.onednn;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.TensorException;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;

/** Descriptors of F32 or BF16 memory for oneDNN: what the axes are and where their elements lie. */
final class Layout {
  private static final int ANY = 1;

  private static final MethodHandle STRIDED =
      OneDnn.function(
          "dnnl_memory_desc_create_with_strides",
          OneDnn.I,
          OneDnn.P,
          OneDnn.I,
          OneDnn.P,
          OneDnn.I,
          OneDnn.P);
  private static final MethodHandle TAGGED =
      OneDnn.function(
          "dnnl_memory_desc_create_with_tag",
          OneDnn.I,
          OneDnn.P,
          OneDnn.I,
          OneDnn.P,
          OneDnn.I,
          OneDnn.I);
  private static final MethodHandle EQUAL =
      OneDnn.function("dnnl_memory_desc_equal", OneDnn.I, OneDnn.P, OneDnn.P);

  private static final MethodHandle CLONE =
      OneDnn.function("dnnl_memory_desc_clone", OneDnn.I, OneDnn.P, OneDnn.P);

  private Layout() {}

  /** oneDNN's number of a dtype. */
  static int type(DType dtype) {
    return switch (dtype) {
      case F32 -> OneDnn.F32;
      case BF16 -> OneDnn.BF16;
      default -> throw TensorException.mismatch("onednn: expected F32 or BF16, got " + dtype);
    };
  }

  /** Logical {@code [N, C, H, W]} of F32 that lies as dense {@code [N, H, W, C]}. */
  static long image(long n, long h, long w, long c) {
    return image(OneDnn.F32, n, h, w, c);
  }

  /** Logical {@code [N, C, H, W]} that lies as dense {@code [N, H, W, C]}. */
  static long image(int type, long n, long h, long w, long c) {
    return strided(type, new long[] {n, c, h, w}, new long[] {h * w * c, 1, w * c, c});
  }

  /** F32, dense, row-major. */
  static long dense(long... dims) {
    return dense(OneDnn.F32, dims);
  }

  /** Dense, row-major. */
  static long dense(int type, long... dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strided(type, dims, strides);
  }

  /** F32 as the primitive likes it best. */
  static long any(long... dims) {
    return any(OneDnn.F32, dims);
  }

  /** Whatever the primitive likes best. */
  static long any(int type, long... dims) {
    try (Arena arena = Arena.ofConfined()) {
      long at = arena.allocateFrom(JAVA_LONG, dims).address();
      return OneDnn.created(
          "dnnl_memory_desc_create_with_tag",
          out -> (int) TAGGED.invokeExact(out, dims.length, at, type, ANY));
    }
  }

  static boolean equal(long one, long two) {
    try {
      return (int) EQUAL.invokeExact(one, two) != 0;
    } catch (Throwable e) {
      throw OneDnn.failed("dnnl_memory_desc_equal", e);
    }
  }

  /** A copy of a descriptor that belongs to another object. */
  static long copy(long layout) {
    return OneDnn.created("dnnl_memory_desc_clone", out -> (int) CLONE.invokeExact(out, layout));
  }

  /** Any strides. */
  static long strided(int type, long[] dims, long[] strides) {
    try (Arena arena = Arena.ofConfined()) {
      long at = arena.allocateFrom(JAVA_LONG, dims).address();
      long by = arena.allocateFrom(JAVA_LONG, strides).address();
      return OneDnn.created(
          "dnnl_memory_desc_create_with_strides",
          out -> (int) STRIDED.invokeExact(out, dims.length, at, type, by));
    }
  }
}
