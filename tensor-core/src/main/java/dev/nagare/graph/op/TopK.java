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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The k largest, or smallest, elements along an axis and their positions.
 *
 * <p>Outputs: values of x's dtype and positions I64, with k in place of the axis' size; of equals
 * the first comes first. They are sorted whether it is asked for or not. Source: ONNX {@code TopK}.
 *
 * @param k how many
 * @param axis along which is looked; a negative one counts from the last
 * @param largest whether the largest are looked for
 * @param sorted whether their order matters
 */
public record TopK(Dim k, int axis, boolean largest, boolean sorted) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    int at = Rules.axis(name(), axis, x.rank());
    Dim size = x.dim(at);
    if (k.isKnown() && (k.value() < 0 || (size.isKnown() && k.value() > size.value()))) {
      throw TensorException.mismatch(name() + ": " + k + " of " + size + " along " + axis);
    }
    var shape = new ArrayList<Dim>(x.shape());
    shape.set(at, k);
    return List.of(Fact.of(x.dtype(), shape), Fact.of(DType.I64, shape));
  }

  @Override
  public Operator bind(Map<String, Long> names) {
    return new TopK(k.bind(names), axis, largest, sorted);
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Steps.input(inputs, 0);
    Tensor values = outputs.get(0);
    Tensor positions = outputs.get(1);
    int at = Rules.axis(name(), axis, x.shape().rank());
    int size = Math.toIntExact(x.dim(at));
    int count = Math.toIntExact(k.value());
    long inner = x.stride(at); // of a contiguous tensor
    boolean floating = x.dtype().isFloating();
    int[] best = new int[count];
    long rows = size == 0 ? 0 : x.elements() / size;
    return () -> {
      for (long row = 0; row < rows; row++) {
        long from = row / inner * inner * size + row % inner;
        long to = row / inner * inner * count + row % inner;
        int found = 0;
        for (int j = 0; j < size; j++) {
          int place = found;
          while (place > 0
              && before(x, floating, from + j * inner, from + best[place - 1] * inner)) {
            place--;
          }
          if (place < count) {
            found = Math.min(found + 1, count);
            System.arraycopy(best, place, best, place + 1, found - place - 1);
            best[place] = j;
          }
        }
        for (int i = 0; i < count; i++) {
          long read = from + best[i] * inner;
          long write = to + i * inner;
          if (floating) {
            values.set(write, x.get(read));
          } else {
            values.setLong(write, x.getLong(read));
          }
          positions.setLong(write, best[i]);
        }
      }
    };
  }

  private boolean before(Tensor x, boolean floating, long a, long b) {
    int order =
        floating ? Double.compare(x.get(a), x.get(b)) : Long.compare(x.getLong(a), x.getLong(b));
    return largest ? order > 0 : order < 0;
  }
}
