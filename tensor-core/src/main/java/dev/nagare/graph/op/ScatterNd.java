package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.StridedCopy;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * x with parts replaced: {@code y[indices[j.., :], ..] = updates[j.., ..]}.
 *
 * <p>Inputs: x of any dtype; indices as of {@link GatherNd} without batch axes; updates of x's
 * dtype, {@code [j..]} and the rest of x's axes. Where a position comes twice, the later one counts
 * last. Source: ONNX {@code ScatterND}.
 *
 * @param combine what becomes of what was there
 */
public record ScatterNd(Combine combine) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    Fact indices = Rules.required(name(), inputs, 1);
    Fact updates = Rules.required(name(), inputs, 2);
    Moves.indices(name(), indices);
    Rules.sameDtype(name(), x, updates);
    Tuples.check(name(), x, indices, 0);
    List<Dim> expected = new ArrayList<>(indices.shape().subList(0, indices.rank() - 1));
    expected.addAll(x.shape().subList((int) indices.dim(-1).value(), x.rank()));
    boolean fits = expected.size() == updates.rank();
    for (int i = 0; fits && i < expected.size(); i++) {
      fits = !Rules.differ(expected.get(i), updates.dim(i));
    }
    if (!fits) {
      throw TensorException.mismatch(
          name() + ": updates " + updates.shape() + ", expected " + expected);
    }
    return List.of(Fact.of(x.dtype(), x.shape()));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor updates = Moves.operand(inputs, 2);
    Tensor y = outputs.getFirst();
    StridedCopy copy = StridedCopy.between(Moves.operand(inputs, 0), y);
    var tuples = new Tuples(name(), y, Moves.operand(inputs, 1), 0);
    long row = tuples.row();
    return () -> {
      copy.run();
      for (long i = 0, n = tuples.count(); i < n; i++) {
        long at = tuples.at(i) * row;
        for (long j = 0; j < row; j++) {
          combine.apply(updates, i * row + j, y, at + j);
        }
      }
    };
  }
}
