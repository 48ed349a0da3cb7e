package dev.nagare.tensor.onednn;

import static dev.nagare.tensor.onednn.OneDnn.ENGINE_CPU;
import static dev.nagare.tensor.onednn.OneDnn.I;
import static dev.nagare.tensor.onednn.OneDnn.P;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.nagare.tensor.kernel.Window;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;

/** oneDNN's functions for convolutions and for changing layouts: see {@link OneDnn}. */
final class ConvolutionFunctions {
  static final int QUERY_WEIGHTS = 131;
  static final int QUERY_DIFF_WEIGHTS = 132;

  /** For learning: the backward follows. */
  static final int TRAINING = 64;

  /** For answering. */
  static final int INFERENCE = 96;

  private static final int DIRECT = 1;

  private static final MethodHandle FORWARD =
      OneDnn.function(
          "dnnl_convolution_forward_primitive_desc_create",
          I,
          P,
          P,
          I,
          I,
          P,
          P,
          P,
          P,
          P,
          P,
          P,
          P,
          P);
  private static final MethodHandle DATA =
      OneDnn.function(
          "dnnl_convolution_backward_data_primitive_desc_create",
          I,
          P,
          P,
          I,
          P,
          P,
          P,
          P,
          P,
          P,
          P,
          P,
          P);
  private static final MethodHandle WEIGHTS =
      OneDnn.function(
          "dnnl_convolution_backward_weights_primitive_desc_create",
          I,
          P,
          P,
          I,
          P,
          P,
          P,
          P,
          P,
          P,
          P,
          P,
          P,
          P);
  private static final MethodHandle REORDER =
      OneDnn.function("dnnl_reorder_primitive_desc_create", I, P, P, P, P, P, P);

  private ConvolutionFunctions() {}

  /** Primitive descriptor of a forward; {@code bias} 0 for none. */
  static long forward(
      int purpose, Window window, long src, long weights, long bias, long dst, long attributes) {
    try (Arena arena = Arena.ofConfined()) {
      long strides = strides(arena, window);
      long dilates = dilates(arena, window);
      long before = before(arena, window);
      long after = after(arena, window);
      return OneDnn.created(
          "dnnl_convolution_forward_primitive_desc_create",
          out ->
              (int)
                  FORWARD.invokeExact(
                      out,
                      ENGINE_CPU,
                      purpose,
                      DIRECT,
                      src,
                      weights,
                      bias,
                      dst,
                      strides,
                      dilates,
                      before,
                      after,
                      attributes));
    }
  }

  /** Primitive descriptor of the gradient of the input; {@code hint} is that of the forward. */
  static long data(
      Window window, long diffSrc, long weights, long diffDst, long hint, long attributes) {
    try (Arena arena = Arena.ofConfined()) {
      long strides = strides(arena, window);
      long dilates = dilates(arena, window);
      long before = before(arena, window);
      long after = after(arena, window);
      return OneDnn.created(
          "dnnl_convolution_backward_data_primitive_desc_create",
          out ->
              (int)
                  DATA.invokeExact(
                      out,
                      ENGINE_CPU,
                      DIRECT,
                      diffSrc,
                      weights,
                      diffDst,
                      strides,
                      dilates,
                      before,
                      after,
                      hint,
                      attributes));
    }
  }

  /** Primitive descriptor of the gradient of the weights; {@code diffBias} 0 for none. */
  static long weights(
      Window window,
      long src,
      long diffWeights,
      long diffBias,
      long diffDst,
      long hint,
      long attributes) {
    try (Arena arena = Arena.ofConfined()) {
      long strides = strides(arena, window);
      long dilates = dilates(arena, window);
      long before = before(arena, window);
      long after = after(arena, window);
      return OneDnn.created(
          "dnnl_convolution_backward_weights_primitive_desc_create",
          out ->
              (int)
                  WEIGHTS.invokeExact(
                      out,
                      ENGINE_CPU,
                      DIRECT,
                      src,
                      diffWeights,
                      diffBias,
                      diffDst,
                      strides,
                      dilates,
                      before,
                      after,
                      hint,
                      attributes));
    }
  }

  /** Primitive descriptor of a copy from one layout into another. */
  static long reorder(long src, long dst, long attributes) {
    return OneDnn.created(
        "dnnl_reorder_primitive_desc_create",
        out -> (int) REORDER.invokeExact(out, src, ENGINE_CPU, dst, ENGINE_CPU, attributes));
  }

  private static long strides(Arena arena, Window window) {
    return pair(arena, window.strideH(), window.strideW());
  }

  /** oneDNN counts what lies between two elements of the kernel: 0 if it is dense. */
  private static long dilates(Arena arena, Window window) {
    return pair(arena, window.dilationH() - 1, window.dilationW() - 1);
  }

  private static long before(Arena arena, Window window) {
    return pair(arena, window.top(), window.left());
  }

  private static long after(Arena arena, Window window) {
    return pair(arena, window.bottom(), window.right());
  }

  private static long pair(Arena arena, long h, long w) {
    return arena.allocateFrom(JAVA_LONG, h, w).address();
  }
}
