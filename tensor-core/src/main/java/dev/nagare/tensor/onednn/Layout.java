package dev.nagare.tensor.onednn;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;

/** Descriptors of F32 memory for oneDNN: what the axes are and where their elements lie. */
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

  private Layout() {}

  /** Logical {@code [N, C, H, W]} that lies as dense {@code [N, H, W, C]}. */
  static long image(long n, long h, long w, long c) {
    return strided(new long[] {n, c, h, w}, new long[] {h * w * c, 1, w * c, c});
  }

  /** Dense, row-major. */
  static long dense(long... dims) {
    long[] strides = new long[dims.length];
    long stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strided(dims, strides);
  }

  /** Whatever the primitive likes best. */
  static long any(long... dims) {
    try (Arena arena = Arena.ofConfined()) {
      long at = arena.allocateFrom(JAVA_LONG, dims).address();
      return OneDnn.created(
          "dnnl_memory_desc_create_with_tag",
          out -> (int) TAGGED.invokeExact(out, dims.length, at, OneDnn.F32, ANY));
    }
  }

  static boolean equal(long one, long two) {
    try {
      return (int) EQUAL.invokeExact(one, two) != 0;
    } catch (Throwable e) {
      throw OneDnn.failed("dnnl_memory_desc_equal", e);
    }
  }

  private static long strided(long[] dims, long[] strides) {
    try (Arena arena = Arena.ofConfined()) {
      long at = arena.allocateFrom(JAVA_LONG, dims).address();
      long by = arena.allocateFrom(JAVA_LONG, strides).address();
      return OneDnn.created(
          "dnnl_memory_desc_create_with_strides",
          out -> (int) STRIDED.invokeExact(out, dims.length, at, OneDnn.F32, by));
    }
  }
}
