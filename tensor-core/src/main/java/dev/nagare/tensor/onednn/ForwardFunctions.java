package dev.nagare.tensor.onednn;

import static dev.nagare.tensor.onednn.OneDnn.ENGINE_CPU;
import static dev.nagare.tensor.onednn.OneDnn.I;
import static dev.nagare.tensor.onednn.OneDnn.P;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.nagare.tensor.kernel.Window;
import java.lang.foreign.Arena;
import java.lang.invoke.MethodHandle;

/** oneDNN's functions for what has no weight, forward only: see {@link OneDnn}. */
final class ForwardFunctions {
  private static final MethodHandle POOLING =
      OneDnn.function(
          "dnnl_pooling_forward_primitive_desc_create", I, P, P, I, I, P, P, P, P, P, P, P, P);
  private static final MethodHandle LAYER_NORM =
      OneDnn.function(
          "dnnl_layer_normalization_forward_primitive_desc_create",
          I,
          P,
          P,
          I,
          P,
          P,
          P,
          JAVA_FLOAT,
          I,
          P);
  private static final MethodHandle SOFTMAX =
      OneDnn.function("dnnl_softmax_forward_primitive_desc_create", I, P, P, I, I, P, P, I, P);
  private static final MethodHandle ELTWISE =
      OneDnn.function(
          "dnnl_eltwise_forward_primitive_desc_create",
          I,
          P,
          P,
          I,
          I,
          P,
          P,
          JAVA_FLOAT,
          JAVA_FLOAT,
          P);
  private static final MethodHandle BINARY =
      OneDnn.function("dnnl_binary_primitive_desc_create", I, P, P, I, P, P, P, P);

  private ForwardFunctions() {}

  static long pooling(int algorithm, Window window, long src, long dst, long attributes) {
    try (Arena arena = Arena.ofConfined()) {
      long strides = pair(arena, window.strideH(), window.strideW());
      long kernel = pair(arena, window.kernelH(), window.kernelW());
      long dilation = pair(arena, window.dilationH() - 1, window.dilationW() - 1);
      long before = pair(arena, window.top(), window.left());
      long after = pair(arena, window.bottom(), window.right());
      return OneDnn.created(
          "dnnl_pooling_forward_primitive_desc_create",
          out ->
              (int)
                  POOLING.invokeExact(
                      out,
                      ENGINE_CPU,
                      ConvolutionFunctions.INFERENCE,
                      algorithm,
                      src,
                      dst,
                      strides,
                      kernel,
                      dilation,
                      before,
                      after,
                      attributes));
    }
  }

  static long layerNorm(long src, long dst, double epsilon, int flags, long attributes) {
    return OneDnn.created(
        "dnnl_layer_normalization_forward_primitive_desc_create",
        out ->
            (int)
                LAYER_NORM.invokeExact(
                    out,
                    ENGINE_CPU,
                    ConvolutionFunctions.INFERENCE,
                    src,
                    dst,
                    0L,
                    (float) epsilon,
                    flags,
                    attributes));
  }

  static long softmax(int algorithm, long src, long dst, int axis, long attributes) {
    return OneDnn.created(
        "dnnl_softmax_forward_primitive_desc_create",
        out ->
            (int)
                SOFTMAX.invokeExact(
                    out,
                    ENGINE_CPU,
                    ConvolutionFunctions.INFERENCE,
                    algorithm,
                    src,
                    dst,
                    axis,
                    attributes));
  }

  static long function(PostOpStep step, long src, long dst, long attributes) {
    return OneDnn.created(
        "dnnl_eltwise_forward_primitive_desc_create",
        out ->
            (int)
                ELTWISE.invokeExact(
                    out,
                    ENGINE_CPU,
                    ConvolutionFunctions.INFERENCE,
                    step.algorithm(),
                    src,
                    dst,
                    (float) step.alpha(),
                    (float) step.beta(),
                    attributes));
  }

  static long combination(PostOpStep step, long src, long operand, long dst, long attributes) {
    return OneDnn.created(
        "dnnl_binary_primitive_desc_create",
        out ->
            (int)
                BINARY.invokeExact(
                    out, ENGINE_CPU, step.algorithm(), src, operand, dst, attributes));
  }

  private static long pair(Arena arena, long h, long w) {
    return arena.allocateFrom(JAVA_LONG, h, w).address();
  }
}
