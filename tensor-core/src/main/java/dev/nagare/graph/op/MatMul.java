package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Products of matrices, as many as there are in the leading axes, which broadcast:
 *
 * <pre>
 * y[.., m, n] = Σ_k op(a)[.., m, k] · op(b)[.., k, n]
 * </pre>
 *
 * <p>Inputs: a {@code [.., M, K]}, or {@code [.., K, M]} when transposed; b {@code [.., K, N]}, or
 * {@code [.., N, K]}; a vector is a row on the left, a column on the right, and its axis is absent
 * from y. Dtypes: floating point by kernels, integers exactly. Source: ONNX {@code MatMul}; {@code
 * Gemm} becomes this and what is done with its result.
 *
 * @param transposeA whether the last two axes of a are exchanged
 * @param transposeB whether the last two axes of b are exchanged
 */
public record MatMul(boolean transposeA, boolean transposeB) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact a = Rules.required(name(), inputs, 0);
    Fact b = Rules.required(name(), inputs, 1);
    Rules.sameDtype(name(), a, b);
    if (a.rank() == 0 || b.rank() == 0 || a.dtype() == DType.BOOL) {
      throw TensorException.mismatch(
          name() + ": expected vectors or matrices of numbers, got " + a + " and " + b);
    }
    List<Dim> left = a.rank() == 1 ? List.of(Dim.ONE, a.dim(0)) : a.shape();
    List<Dim> right = b.rank() == 1 ? List.of(b.dim(0), Dim.ONE) : b.shape();
    boolean turnA = transposeA && a.rank() > 1;
    boolean turnB = transposeB && b.rank() > 1;
    Dim ofA = left.get(left.size() - (turnA ? 2 : 1));
    Dim ofB = right.get(right.size() - (turnB ? 1 : 2));
    if (Rules.differ(ofA, ofB)) {
      throw TensorException.mismatch(
          name()
              + ": "
              + a.shape()
              + (turnA ? " transposed" : "")
              + " by "
              + b.shape()
              + (turnB ? " transposed" : "")
              + ": rows of "
              + ofA
              + " meet columns of "
              + ofB);
    }
    var shape =
        new ArrayList<Dim>(
            Rules.broadcast(
                name(), left.subList(0, left.size() - 2), right.subList(0, right.size() - 2)));
    if (a.rank() > 1) {
      shape.add(left.get(left.size() - (turnA ? 1 : 2)));
    }
    if (b.rank() > 1) {
      shape.add(right.get(right.size() - (turnB ? 2 : 1)));
    }
    return List.of(Fact.of(a.dtype(), shape));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    return Products.prepare(
        kernels,
        Steps.input(inputs, 0),
        transposeA,
        Steps.input(inputs, 1),
        transposeB,
        outputs.getFirst(),
        scratch);
  }
}
