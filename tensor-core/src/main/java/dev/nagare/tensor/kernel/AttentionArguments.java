package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.KernelArguments.apart;
import static dev.nagare.tensor.kernel.KernelArguments.dtype;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Attention.Form;
import dev.nagare.tensor.kernel.Attention.Operand;
import org.jspecify.annotations.Nullable;

/** Checks the arguments of {@link Attention} before any memory is touched. */
final class AttentionArguments {
  private AttentionArguments() {}

  static void check(
      String op,
      Form form,
      Operand q,
      Operand k,
      Operand v,
      @Nullable Tensor keep,
      Tensor weights,
      Tensor work,
      Tensor out) {
    KernelArguments.floating(op, "out", out);
    KernelArguments.rank(op, "out", out, 3);
    KernelArguments.rank(op, "k", k.rows(), 3);
    long n = out.dim(0);
    long queries = out.dim(1);
    long columns = out.dim(2);
    long keys = k.rows().dim(1);
    int heads = form.heads();
    if (heads < 1 || columns % heads != 0 || columns == 0) {
      throw TensorException.mismatch(
          op + ": expected E a multiple of " + heads + " heads, got " + out.shape());
    }
    operand(op, "q", q, out, n, queries);
    operand(op, "k", k, out, n, keys);
    operand(op, "v", v, out, n, keys);
    Shape scores = Shape.of(n, heads, queries, keys);
    shaped(op, "weights", weights, out, scores);
    shaped(op, "work", work, out, Shape.of(2, heads, queries, keys));
    if (keep != null) {
      shaped(op, "keep", keep, out, scores);
    }
    mask(op, form, out, scores);
    apart(op, "work", work, "weights", weights);
  }

  /** Checks where the results of the forward lie. */
  static void results(
      String op, Form form, Operand q, Operand k, Operand v, Tensor weights, Tensor out) {
    apart(op, "out", out, "weights", weights);
    apart(op, "out", out, "q", q.rows());
    apart(op, "out", out, "k", k.rows());
    apart(op, "out", out, "v", v.rows());
    apart(op, "weights", weights, "q", q.rows());
    apart(op, "weights", weights, "k", k.rows());
    apart(op, "weights", weights, "v", v.rows());
    Tensor lengths = form.mask().lengths();
    if (lengths != null) { // they are read between the writes
      StridedArguments.apart(op, "out", out, "lengths", lengths);
      StridedArguments.apart(op, "weights", weights, "lengths", lengths);
    }
  }

  static void operand(String op, String name, Operand x, Tensor out, long n, long steps) {
    Tensor rows = x.rows();
    dtype(op, name, rows, out);
    if (rows.shape().rank() != 3
        || rows.dim(0) != n
        || rows.dim(1) != steps
        || x.column() < 0
        || x.column() > rows.dim(2) - out.dim(2)) {
      throw TensorException.mismatch(
          op
              + ": "
              + name
              + " has shape "
              + rows.shape()
              + ", expected "
              + Shape.of(n, steps, out.dim(2))
              + " or more columns, of which it begins at "
              + x.column());
    }
  }

  private static void shaped(String op, String name, Tensor x, Tensor out, Shape shape) {
    dtype(op, name, x, out);
    if (!x.shape().equals(shape)) {
      throw TensorException.mismatch(
          op + ": " + name + " has shape " + x.shape() + ", expected " + shape);
    }
  }

  private static void mask(String op, Form form, Tensor out, Shape scores) {
    Tensor lengths = form.mask().lengths();
    if (lengths != null) {
      if (lengths.shape().rank() != 1 || lengths.dim(0) != scores.dim(0)) {
        throw TensorException.mismatch(
            op + ": lengths have shape " + lengths.shape() + ", expected [" + scores.dim(0) + "]");
      }
      for (long i = 0; i < lengths.elements(); i++) {
        double length = lengths.get(i);
        if (!(length >= 0 && length <= scores.dim(3) && length == Math.rint(length))) {
          throw TensorException.mismatch(
              op + ": expected lengths from 0 to " + scores.dim(3) + ", got " + length);
        }
      }
    }
    Tensor added = form.mask().added();
    if (added != null) {
      dtype(op, "mask", added, out);
      int rank = added.shape().rank();
      boolean fits =
          (rank == 2 || rank == 4)
              && added.dim(-1) == scores.dim(3)
              && added.dim(-2) == scores.dim(2);
      for (int axis = 0; fits && rank == 4 && axis < 2; axis++) {
        fits = added.dim(axis) == 1 || added.dim(axis) == scores.dim(axis);
      }
      if (!fits) {
        throw TensorException.mismatch(
            op
                + ": the mask has shape "
                + added.shape()
                + ", expected the last two axes of "
                + scores
                + ", or all four with 1 allowed for the first two");
      }
    }
  }
}
