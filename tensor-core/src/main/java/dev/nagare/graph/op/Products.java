package dev.nagare.graph.op;

import dev.nagare.graph.Operator.Step;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;

/** Products of contiguous matrices with leading axes. */
final class Products {
  private Products() {}

  static Step prepare(
      Kernels kernels,
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      Tensor y,
      Memory scratch) {
    boolean turnA = transposeA && a.shape().rank() > 1;
    boolean turnB = transposeB && b.shape().rank() > 1;
    Tensor left = a.shape().rank() == 1 ? a.unsqueeze(0) : a;
    Tensor right = b.shape().rank() == 1 ? b.unsqueeze(1) : b;
    Tensor out = y;
    if (b.shape().rank() == 1) {
      out = out.unsqueeze(out.shape().rank());
    }
    if (a.shape().rank() == 1) {
      out = out.unsqueeze(out.shape().rank() - 1);
    }
    if (!Elementwise.isKernel(y.dtype())) {
      return exact(left, turnA, right, turnB, out, scratch);
    }
    if (!turnA && isOneMatrix(right)) {
      // One product of all rows, instead of one for each leading index.
      Tensor rows = left.reshape(-1, left.dim(-1));
      Tensor weight = right.reshape(right.dim(-2), right.dim(-1));
      Tensor results = out.reshape(rows.dim(0), out.dim(-1));
      return () -> kernels.matmul(rows, false, weight, turnB, null, results, false);
    }
    Tensor[] lefts = matrices(left, out);
    Tensor[] rights = matrices(right, out);
    Tensor[] outs = matrices(out, out);
    return () -> {
      for (int i = 0; i < outs.length; i++) {
        kernels.matmul(lefts[i], turnA, rights[i], turnB, null, outs[i], false);
      }
    };
  }

  private static boolean isOneMatrix(Tensor x) {
    return x.elements() == x.dim(-1) * x.dim(-2);
  }

  /** The matrix of x for each of those of the result, in order. */
  private static Tensor[] matrices(Tensor x, Tensor out) {
    long[] dims = out.shape().toArray();
    int rank = dims.length;
    dims[rank - 2] = x.dim(-2);
    dims[rank - 1] = x.dim(-1);
    var all = new ArrayList<Tensor>();
    collect(x.expand(dims), rank - 2, all);
    return all.toArray(Tensor[]::new);
  }

  private static void collect(Tensor x, int leading, List<Tensor> into) {
    if (leading == 0) {
      into.add(x);
      return;
    }
    for (long i = 0; i < x.dim(0); i++) {
      collect(x.select(0, i), leading - 1, into);
    }
  }

  private static Step exact(
      Tensor a, boolean turnA, Tensor b, boolean turnB, Tensor y, Memory scratch) {
    var steps = new ArrayList<Step>();
    Tensor left = Steps.contiguous(full(a, turnA, y), scratch, steps);
    Tensor right = Steps.contiguous(full(b, turnB, y), scratch, steps);
    steps.add(ExactLoops.product(left, right, y));
    return Steps.sequence(steps);
  }

  private static Tensor full(Tensor x, boolean turned, Tensor y) {
    Tensor matrix = turned ? x.transpose(-2, -1) : x;
    long[] dims = y.shape().toArray();
    dims[dims.length - 2] = matrix.dim(-2);
    dims[dims.length - 1] = matrix.dim(-1);
    return matrix.expand(dims);
  }
}
