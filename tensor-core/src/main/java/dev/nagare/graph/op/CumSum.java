package dev.nagare.graph.op;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sums of the elements up to each one along an axis; numbers of any dtype. Source: ONNX {@code
 * CumSum}.
 *
 * @param axis along which is summed; a negative one counts from the last
 * @param exclusive whether the element itself does not count
 * @param reverse whether it is summed from the end
 */
public record CumSum(int axis, boolean exclusive, boolean reverse) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    Rules.axis(name(), axis, x.rank());
    if (x.dtype() == DType.BOOL) {
      throw TensorException.mismatch(name() + ": expected numbers, got " + x);
    }
    return List.of(Fact.of(x.dtype(), x.shape()));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Steps.input(inputs, 0);
    Tensor y = outputs.getFirst();
    int at = Rules.axis(name(), axis, x.shape().rank());
    long size = x.dim(at);
    long inner = x.stride(at); // of a contiguous tensor
    boolean floating = x.dtype().isFloating();
    long rows = size == 0 ? 0 : x.elements() / size;
    return () -> {
      for (long row = 0; row < rows; row++) {
        long from = row / inner * inner * size + row % inner;
        double sum = 0;
        long whole = 0;
        for (long j = 0; j < size; j++) {
          long i = from + (reverse ? size - 1 - j : j) * inner;
          double before = sum;
          long wholeBefore = whole;
          if (floating) {
            sum += x.get(i);
            y.set(i, exclusive ? before : sum);
          } else {
            whole += x.getLong(i);
            y.setLong(i, exclusive ? wholeBefore : whole);
          }
        }
      }
    };
  }
}
