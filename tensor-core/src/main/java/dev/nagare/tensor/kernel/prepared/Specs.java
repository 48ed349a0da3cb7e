package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Window;
import java.util.Arrays;
import java.util.List;

/** What every specification has to keep to. */
final class Specs {
  private Specs() {}

  static void positive(String op, String what, long... sizes) {
    for (long size : sizes) {
      if (size < 1 || size > Integer.MAX_VALUE) {
        throw TensorException.mismatch(
            op + ": expected " + what + " from 1 to 2^31 - 1, got " + Arrays.toString(sizes));
      }
    }
  }

  static void computable(String op, DType... dtypes) {
    for (DType dtype : dtypes) {
      if (dtype != DType.F32 && dtype != DType.BF16) {
        throw TensorException.mismatch(op + ": expected F32 or BF16, got " + dtype);
      }
    }
  }

  static void operands(String op, List<PostOp> post, List<Operand> operands) {
    long wanted = post.stream().filter(PostOp.Combine.class::isInstance).count();
    if (wanted != operands.size()) {
      throw TensorException.mismatch(
          op + ": " + operands.size() + " operands do not fit " + post + ", expected " + wanted);
    }
    for (Operand operand : operands) {
      computable(op, operand.dtype());
    }
  }

  static void rows(String op, long columns, long... strides) {
    for (long stride : strides) {
      if (stride < columns) {
        throw TensorException.mismatch(
            op + ": expected rows at least " + columns + " apart, got " + Arrays.toString(strides));
      }
    }
  }

  static void groups(int groups, long c, long o) {
    if (groups < 1 || c % groups != 0 || o % groups != 0) {
      throw TensorException.mismatch(
          "convolution: expected groups that divide the channels "
              + c
              + " and "
              + o
              + ", got "
              + groups);
    }
  }

  static void seen(String op, Window window, long h, long w) {
    if (window.outH(h) < 1 || window.outW(w) < 1) {
      throw TensorException.mismatch(
          op
              + ": an image ["
              + h
              + ", "
              + w
              + "] with its padding is smaller than the window "
              + window);
    }
  }

  static void pooled(PoolingSpec.Kind kind, Window window) {
    boolean dilated = window.dilationH() != 1 || window.dilationW() != 1;
    if (dilated && kind != PoolingSpec.Kind.MAX) {
      throw TensorException.mismatch("pooling: expected a dense window, got " + window);
    }
    if (Math.max(window.top(), window.bottom()) >= window.kernelH()
        || Math.max(window.left(), window.right()) >= window.kernelW()) {
      throw TensorException.mismatch(
          "pooling: expected a padding smaller than the kernel, got the window " + window);
    }
  }

  static long[] contiguous(Shape shape) {
    long[] strides = new long[shape.rank()];
    long stride = 1;
    for (int i = shape.rank() - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= shape.dim(i);
    }
    return strides;
  }
}
