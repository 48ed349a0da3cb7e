package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/** Checks the arguments of {@link Pooling} before any memory is touched. */
final class PoolingArguments {
  private PoolingArguments() {}

  static void window(String op, Window window, Tensor x, String name, Tensor y) {
    images(op, x, name, y);
    if (2 * Math.max(window.top(), window.bottom()) > window.kernelH()
        || 2 * Math.max(window.left(), window.right()) > window.kernelW()) {
      throw TensorException.mismatch(
          op + ": expected a padding of at most half of the kernel, got the window " + window);
    }
    long h = window.outH(x.dim(1));
    long w = window.outW(x.dim(2));
    if (h < 1 || w < 1) {
      throw TensorException.mismatch(
          op + ": x " + x.shape() + " with its padding is smaller than the window " + window);
    }
    boolean fits =
        (y.dim(1) == h || y.dim(1) == window.ceilH(x.dim(1)))
            && (y.dim(2) == w || y.dim(2) == window.ceilW(x.dim(2)));
    if (!fits) {
      throw TensorException.mismatch(
          op
              + ": "
              + name
              + " has shape "
              + y.shape()
              + ", expected "
              + Shape.of(x.dim(0), h, w, x.dim(3))
              + " for x "
              + x.shape()
              + " and window "
              + window);
    }
  }

  static void dense(String op, Window window) {
    if (window.dilationH() != 1 || window.dilationW() != 1) {
      throw TensorException.mismatch(op + ": expected a dense window, got " + window);
    }
  }

  static void parts(String op, Tensor x, String name, Tensor y) {
    images(op, x, name, y);
    if (x.dim(1) < 1 || x.dim(2) < 1 || y.dim(1) < 1 || y.dim(2) < 1) {
      throw TensorException.mismatch(
          op + ": expected images of at least 1 x 1, got x " + x.shape() + " and " + y.shape());
    }
  }

  private static void images(String op, Tensor x, String name, Tensor y) {
    KernelArguments.computable(op, x);
    KernelArguments.rank(op, "x", x, 4);
    KernelArguments.rank(op, name, y, 4);
    KernelArguments.dtype(op, name, y, x);
    if (y.dim(0) != x.dim(0) || y.dim(3) != x.dim(3)) {
      throw TensorException.mismatch(
          op
              + ": "
              + name
              + " has shape "
              + y.shape()
              + ", expected [N, H, W, C] with N and C of x "
              + x.shape());
    }
  }
}
