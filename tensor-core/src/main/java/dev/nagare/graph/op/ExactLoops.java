package dev.nagare.graph.op;

import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/**
 * Element by element, by position: the slow and exact way of integers, truth values and functions
 * that have no kernel.
 *
 * <p>Arithmetic on shapes and masks is a few elements per run. Integers are computed as longs and
 * wrap around in their dtype; numbers in f64, rounded once.
 */
final class ExactLoops {
  private ExactLoops() {}

  static Step unaryLong(Tensor x, Tensor y, LongUnaryOperator f) {
    DType dtype = y.dtype();
    return () -> {
      for (long i = 0, n = y.elements(); i < n; i++) {
        y.setLong(i, wrapped(dtype, f.applyAsLong(x.getLong(i))));
      }
    };
  }

  static Step unary(Tensor x, Tensor y, DoubleUnaryOperator f) {
    return () -> {
      for (long i = 0, n = y.elements(); i < n; i++) {
        y.set(i, f.applyAsDouble(x.get(i)));
      }
    };
  }

  static Step binaryLong(Tensor a, Tensor b, Tensor y, LongBinaryOperator f) {
    DType dtype = y.dtype();
    Tensor left = a.expand(y.shape().toArray());
    Tensor right = b.expand(y.shape().toArray());
    return () -> {
      for (long i = 0, n = y.elements(); i < n; i++) {
        y.setLong(i, wrapped(dtype, f.applyAsLong(left.getLong(i), right.getLong(i))));
      }
    };
  }

  static Step binary(Tensor a, Tensor b, Tensor y, DoubleBinaryOperator f) {
    Tensor left = a.expand(y.shape().toArray());
    Tensor right = b.expand(y.shape().toArray());
    return () -> {
      for (long i = 0, n = y.elements(); i < n; i++) {
        y.set(i, f.applyAsDouble(left.get(i), right.get(i)));
      }
    };
  }

  static Step where(Tensor condition, Tensor a, Tensor b, Tensor y) {
    long[] dims = y.shape().toArray();
    Tensor choice = condition.expand(dims);
    Tensor left = a.expand(dims);
    Tensor right = b.expand(dims);
    boolean floating = y.dtype().isFloating();
    return () -> {
      for (long i = 0, n = y.elements(); i < n; i++) {
        Tensor chosen = choice.getLong(i) != 0 ? left : right;
        if (floating) {
          y.set(i, chosen.get(i));
        } else {
          y.setLong(i, chosen.getLong(i));
        }
      }
    };
  }

  /** Joins, in order, the elements of x that fall on one of y, to which y broadcasts. */
  static Step foldLong(Tensor x, Tensor y, long first, LongBinaryOperator f) {
    DType dtype = y.dtype();
    Tensor into = y.expand(x.shape().toArray());
    return () -> {
      for (long i = 0, n = y.elements(); i < n; i++) {
        y.setLong(i, first);
      }
      for (long i = 0, n = x.elements(); i < n; i++) {
        into.setLong(i, wrapped(dtype, f.applyAsLong(into.getLong(i), x.getLong(i))));
      }
    };
  }

  static Step fold(Tensor x, Tensor y, double first, DoubleBinaryOperator f) {
    Tensor into = y.expand(x.shape().toArray());
    return () -> {
      y.fill(first);
      for (long i = 0, n = x.elements(); i < n; i++) {
        into.set(i, f.applyAsDouble(into.get(i), x.get(i)));
      }
    };
  }

  /** {@code y[b, m, n] = Σ_k a[b, m, k] · b[b, k, n]}. */
  static Step product(Tensor a, Tensor b, Tensor y) {
    long m = y.dim(-2);
    long n = y.dim(-1);
    long depth = a.dim(-1);
    DType dtype = y.dtype();
    return () -> {
      for (long at = 0, end = y.elements(); at < end; at++) {
        long matrix = at / (m * n);
        long row = at / n; // of all matrices
        long column = at % n;
        long sum = 0;
        for (long k = 0; k < depth; k++) {
          sum += a.getLong(row * depth + k) * b.getLong((matrix * depth + k) * n + column);
        }
        y.setLong(at, wrapped(dtype, sum));
      }
    };
  }

  private static long wrapped(DType dtype, long value) {
    return switch (dtype) {
      case I32 -> (int) value;
      case U8 -> value & 0xff;
      default -> value;
    };
  }
}
