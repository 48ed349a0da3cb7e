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
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A tensor repeated along its axes: {@code y[i] = x[i mod size]}. Any dtype. Source: ONNX {@code
 * Tile}.
 *
 * @param repeats how often along each axis
 */
public record Tile(List<Dim> repeats) implements Operator {
  /** Copies the list. */
  public Tile {
    repeats = List.copyOf(repeats);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    if (repeats.size() != x.rank()) {
      throw TensorException.mismatch("tile: " + x.shape() + " repeated " + repeats);
    }
    List<Dim> shape = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      Dim times = repeats.get(i);
      if (times.isKnown() && times.value() < 0) {
        throw TensorException.mismatch("tile: " + x.shape() + " repeated " + repeats);
      }
      shape.add(x.dim(i).times(times));
    }
    boolean same = repeats.stream().allMatch(times -> times.is(1));
    return List.of(new Fact(x.dtype(), shape, same ? x.contents() : null));
  }

  @Override
  public Operator bind(Map<String, Long> names) {
    return new Tile(repeats.stream().map(dim -> dim.bind(names)).toList());
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Moves.operand(inputs, 0);
    Tensor y = outputs.getFirst();
    int rank = x.shape().rank();
    // Each axis as how often it comes, which does not move in x, and its positions.
    long[] strides = new long[2 * rank];
    long[] dims = new long[2 * rank];
    for (int i = 0; i < rank; i++) {
      dims[2 * i] = repeats.get(i).value();
      dims[2 * i + 1] = x.dim(i);
      strides[2 * i + 1] = x.stride(i);
    }
    return StridedCopy.between(x, 0, strides, y.reshape(dims))::run;
  }
}
