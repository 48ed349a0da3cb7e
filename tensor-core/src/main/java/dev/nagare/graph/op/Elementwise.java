package dev.nagare.graph.op;

import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Activations;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Pointwise;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How functions of corresponding elements run, in whatever order their results lie. */
final class Elementwise {
  private Elementwise() {}

  /** {@code y = f(x)}; y may be x. */
  static Step unary(Kernels kernels, Unary.Function f, Tensor x, Tensor y) {
    int[] order = Layouts.order(y);
    Tensor from = x.permute(order);
    Tensor to = y.permute(order);
    if (!isKernel(x.dtype())) {
      requireExact(f.name(), x.dtype());
      return ExactLoops.unaryLong(from, to, f::of);
    }
    return switch (f) {
      case RELU -> common(kernels, Kernels.Unary.RELU, from, to);
      case SIGMOID -> common(kernels, Kernels.Unary.SIGMOID, from, to);
      case TANH -> common(kernels, Kernels.Unary.TANH, from, to);
      case EXP -> common(kernels, Kernels.Unary.EXP, from, to);
      case ABS -> common(kernels, Kernels.Unary.ABS, from, to);
      case LOG -> single(kernels, Pointwise.Single.LOG, from, to);
      case SQRT -> single(kernels, Pointwise.Single.SQRT, from, to);
      case NEG -> single(kernels, Pointwise.Single.NEG, from, to);
      case ERF -> single(kernels, Pointwise.Single.ERF, from, to);
      case RECIPROCAL -> single(kernels, Pointwise.Single.RECIPROCAL, from, to);
      case FLOOR -> single(kernels, Pointwise.Single.FLOOR, from, to);
      case CEIL -> single(kernels, Pointwise.Single.CEIL, from, to);
      case ROUND -> single(kernels, Pointwise.Single.ROUND, from, to);
      case GELU -> activation(kernels, Activations.Function.GELU, from, to);
      case GELU_TANH -> activation(kernels, Activations.Function.GELU_TANH, from, to);
      case SILU -> activation(kernels, Activations.Function.SILU, from, to);
      case HARD_SWISH -> activation(kernels, Activations.Function.HARD_SWISH, from, to);
      case SIGN, NOT, SOFTPLUS, SOFTSIGN, SIN, COS -> ExactLoops.unary(from, to, f::of);
    };
  }

  private static Step common(Kernels kernels, Kernels.Unary f, Tensor x, Tensor y) {
    return () -> kernels.unary(f, x, y);
  }

  private static Step single(Kernels kernels, Pointwise.Single f, Tensor x, Tensor y) {
    Pointwise pointwise = kernels.pointwise();
    return () -> pointwise.unary(f, x, y);
  }

  private static Step activation(Kernels kernels, Activations.Function f, Tensor x, Tensor y) {
    Activations activations = kernels.activations();
    return () -> activations.forward(f, x, y);
  }

  /** {@code y = f(a, b)} with broadcasting; y overlaps neither. */
  static Step binary(
      Kernels kernels, Binary.Function f, Tensor a, Tensor b, Tensor y, Memory scratch) {
    int[] order = Layouts.order(y);
    Tensor left = Layouts.seen(a, order);
    Tensor right = Layouts.seen(b, order);
    Tensor to = y.permute(order);
    if (!isKernel(a.dtype()) || !isKernel(b.dtype())) {
      return exact(f, left, right, to);
    }
    if (a.dtype() != b.dtype()) {
      return ExactLoops.binary(left, right, to, f::of);
    }
    Pointwise pointwise = kernels.pointwise();
    if (f == Binary.Function.POW && right.elements() == 1) {
      return power(pointwise, left, right, to);
    }
    Pointwise.Function function = function(f);
    if (function != null) {
      return () -> pointwise.binary(function, left, right, to);
    }
    Pointwise.Comparison comparison = comparison(f);
    if (comparison != null) {
      return () -> pointwise.compare(comparison, left, right, to);
    }
    return f == Binary.Function.PRELU
        ? prelu(kernels, left, right, to, scratch)
        : ExactLoops.binary(left, right, to, f::of);
  }

  /** Squares, which most powers are, are products. */
  private static Step power(Pointwise pointwise, Tensor x, Tensor exponent, Tensor y) {
    return () -> {
      if (exponent.get(0) == 2) {
        pointwise.binary(Pointwise.Function.MUL, x, x, y);
      } else {
        pointwise.binary(Pointwise.Function.POW, x, exponent, y);
      }
    };
  }

  private static Step exact(Binary.Function f, Tensor a, Tensor b, Tensor y) {
    requireExact(f.name(), a.dtype() == DType.BF16 ? a.dtype() : b.dtype());
    return a.dtype().isFloating() || b.dtype().isFloating()
        ? ExactLoops.binary(a, b, y, f::of)
        : ExactLoops.binaryLong(a, b, y, f::of);
  }

  private static Pointwise.@Nullable Function function(Binary.Function f) {
    return switch (f) {
      case ADD -> Pointwise.Function.ADD;
      case SUB -> Pointwise.Function.SUB;
      case MUL -> Pointwise.Function.MUL;
      case DIV -> Pointwise.Function.DIV;
      case POW -> Pointwise.Function.POW;
      case MIN -> Pointwise.Function.MINIMUM;
      case MAX -> Pointwise.Function.MAXIMUM;
      default -> null;
    };
  }

  private static Pointwise.@Nullable Comparison comparison(Binary.Function f) {
    return switch (f) {
      case EQUAL -> Pointwise.Comparison.EQ;
      case LESS -> Pointwise.Comparison.LT;
      case LESS_OR_EQUAL -> Pointwise.Comparison.LE;
      case GREATER -> Pointwise.Comparison.GT;
      case GREATER_OR_EQUAL -> Pointwise.Comparison.GE;
      default -> null;
    };
  }

  /** {@code max(x, 0) + slope · min(x, 0)}. */
  private static Step prelu(Kernels kernels, Tensor x, Tensor slope, Tensor y, Memory scratch) {
    Pointwise pointwise = kernels.pointwise();
    Tensor zero = Steps.scalar(scratch, x.dtype());
    Tensor below = scratch.empty(y.dtype(), y.shape());
    Tensor scaled = scratch.empty(y.dtype(), y.shape());
    return () -> {
      zero.set(0, 0);
      pointwise.binary(Pointwise.Function.MINIMUM, x, zero, below);
      pointwise.binary(Pointwise.Function.MUL, below, slope, scaled);
      pointwise.binary(Pointwise.Function.MAXIMUM, x, zero, y);
      kernels.axpy(1, scaled, y);
    };
  }

  /** {@code y = condition ? a : b} with broadcasting. */
  static Step where(Kernels kernels, Tensor condition, Tensor a, Tensor b, Tensor y) {
    int[] order = Layouts.order(y);
    Tensor choice = Layouts.seen(condition, order);
    Tensor left = Layouts.seen(a, order);
    Tensor right = Layouts.seen(b, order);
    Tensor to = y.permute(order);
    if (!isKernel(y.dtype())) {
      return ExactLoops.where(choice, left, right, to);
    }
    Pointwise pointwise = kernels.pointwise();
    return () -> pointwise.where(choice, left, right, to);
  }

  /** Whether kernels compute in this dtype. */
  static boolean isKernel(DType dtype) {
    return dtype == DType.F32 || dtype == DType.F64;
  }

  private static void requireExact(String op, DType dtype) {
    if (dtype == DType.BF16) {
      throw TensorException.mismatch(
          op.toLowerCase(Locale.ROOT) + ": BF16 has no kernel here, cast it to F32");
    }
  }
}
