package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Parts of a tensor by the numbers of their first axes: {@code y[b.., j..] = x[b.., indices[b..,
 * j.., :], ..]}.
 *
 * <p>Inputs: x of any dtype; indices {@code [b.., j.., m]}, I64 or I32, whose last axis names a
 * position of m axes of x; a negative one counts from the end. Output: {@code [b.., j..]} and the
 * rest of x's axes. Source: ONNX {@code GatherND}.
 *
 * @param batchAxes how many first axes both have in common
 */
public record GatherNd(int batchAxes) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    Fact indices = Rules.required(name(), inputs, 1);
    Moves.indices(name(), indices);
    Tuples.check(name(), x, indices, batchAxes);
    List<Dim> shape = new ArrayList<>(indices.shape().subList(0, indices.rank() - 1));
    shape.addAll(x.shape().subList(batchAxes + (int) indices.dim(-1).value(), x.rank()));
    return List.of(Fact.of(x.dtype(), shape));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Moves.operand(inputs, 0);
    Tensor y = outputs.getFirst();
    var tuples = new Tuples(name(), x, Moves.operand(inputs, 1), batchAxes);
    long row = tuples.row() * x.dtype().bytes();
    return () -> {
      MemorySegment from = x.segment();
      MemorySegment to = y.segment();
      for (long i = 0, n = tuples.count(); i < n; i++) {
        MemorySegment.copy(from, tuples.at(i) * row, to, i * row, row);
      }
    };
  }
}
