package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Reductions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Positions of the largest, or smallest, elements along an axis, I64; of numbers of any dtype.
 * Source: ONNX {@code ArgMax}, {@code ArgMin}.
 *
 * @param axis along which is looked; a negative one counts from the last
 * @param keepDims whether the axis stays, with size 1
 * @param smallest whether the smallest is looked for
 * @param selectLast whether of equals the last counts, or the first
 */
public record ArgMax(int axis, boolean keepDims, boolean smallest, boolean selectLast)
    implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    int at = Rules.axis(name(), axis, x.rank());
    if (x.dim(at).is(0)) {
      throw TensorException.mismatch(name() + ": axis " + axis + " of " + x + " is empty");
    }
    var shape = new ArrayList<Dim>(x.shape());
    shape.remove(at);
    if (keepDims) {
      shape.add(at, Dim.ONE);
    }
    return List.of(Fact.of(DType.I64, shape));
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Steps.input(inputs, 0);
    int at = Rules.axis(name(), axis, x.shape().rank());
    long[] kept = x.shape().toArray();
    kept[at] = 1;
    Tensor y = outputs.getFirst().reshape(kept);
    if (selectLast || !Elementwise.isKernel(x.dtype())) {
      return exact(x, at, y);
    }
    Reductions reductions = kernels.reductions();
    return () -> reductions.argExtreme(!smallest, x, at, y);
  }

  private Step exact(Tensor x, int at, Tensor y) {
    long size = x.dim(at);
    long inner = x.stride(at); // of a contiguous tensor
    boolean floating = x.dtype().isFloating();
    return () -> {
      for (long i = 0; i < y.elements(); i++) {
        long from = i / inner * inner * size + i % inner;
        long best = 0;
        for (long j = 1; j < size; j++) {
          long a = from + j * inner;
          long b = from + best * inner;
          int order =
              floating
                  ? Double.compare(x.get(a), x.get(b))
                  : Long.compare(x.getLong(a), x.getLong(b));
          order = smallest ? -order : order;
          best = order > 0 || (order == 0 && selectLast) ? j : best;
        }
        y.setLong(i, best);
      }
    };
  }
}
