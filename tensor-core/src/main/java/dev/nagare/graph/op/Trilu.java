package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.lang.foreign.MemorySegment;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One triangle of matrices, 0 elsewhere: the upper keeps {@code x[.., i, j]} where {@code j - i >=
 * k}, the lower where {@code j - i <= k}. Any dtype, at least two axes. Source: ONNX {@code Trilu}.
 *
 * @param upper whether the upper triangle is kept
 * @param k how far right of the main diagonal the edge is
 */
public record Trilu(boolean upper, long k) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    if (x.rank() < 2) {
      throw TensorException.mismatch("trilu: expected two axes or more, got " + x);
    }
    return List.of(Fact.of(x.dtype(), x.shape()));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Moves.operand(inputs, 0);
    Tensor y = outputs.getFirst();
    int bytes = x.dtype().bytes();
    long columns = x.dim(-1);
    long height = x.dim(-2);
    long rows = columns == 0 ? 0 : x.elements() / columns;
    return () -> {
      MemorySegment from = x.segment();
      MemorySegment to = y.segment();
      to.fill((byte) 0);
      for (long row = 0; row < rows; row++) {
        // A k beyond all corners must not overflow.
        long edge = row % height + Math.clamp(k, -height - 1, columns + 1);
        long begin = upper ? Math.clamp(edge, 0, columns) : 0;
        long end = upper ? columns : Math.clamp(edge + 1, 0, columns);
        long at = (row * columns + begin) * bytes;
        MemorySegment.copy(from, at, to, at, (end - begin) * bytes);
      }
    };
  }
}
