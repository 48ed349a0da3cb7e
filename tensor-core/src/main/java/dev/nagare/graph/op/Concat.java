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
 * Tensors one after the other along an axis. Any dtype, the same for all. Source: ONNX {@code
 * Concat}.
 *
 * @param axis along which; a negative one counts from the last
 */
public record Concat(int axis) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact first = Rules.required(name(), inputs, 0);
    int at = Rules.axis(name(), axis, first.rank());
    List<Dim> shape = new ArrayList<>(first.shape());
    List<Dim> contents = new ArrayList<>();
    boolean known = first.rank() == 1;
    for (int i = 0; i < inputs.size(); i++) {
      Fact x = Rules.required(name(), inputs, i);
      Rules.sameDtype(name(), first, x);
      Rules.rank(name(), first.rank(), x);
      for (int j = 0; j < shape.size(); j++) {
        if (j == at) {
          shape.set(j, i == 0 ? x.dim(j) : shape.get(j).plus(x.dim(j)));
        } else if (Rules.differ(shape.get(j), x.dim(j))) {
          throw TensorException.mismatch(
              "concat: "
                  + first
                  + " and "
                  + x
                  + " along axis "
                  + axis
                  + ", axis "
                  + j
                  + " differs");
        } else if (x.dim(j).isKnown()) {
          shape.set(j, x.dim(j));
        }
      }
      known = known && x.contents() != null;
      if (known) {
        contents.addAll(x.contents());
      }
    }
    known = known && contents.size() <= Fact.MOST_CONTENTS;
    return List.of(new Fact(first.dtype(), shape, known ? contents : null));
  }

  @Override
  public Order order() {
    return Order.ANY;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor y = outputs.getFirst();
    int at = Rules.axis(name(), axis, y.shape().rank());
    List<StridedCopy> parts = new ArrayList<>();
    long from = 0;
    for (int i = 0; i < inputs.size(); i++) {
      Tensor x = Moves.operand(inputs, i);
      parts.add(StridedCopy.between(x, y.narrow(at, from, x.dim(at))));
      from += x.dim(at);
    }
    StridedCopy[] copies = parts.toArray(StridedCopy[]::new);
    return () -> {
      for (StridedCopy copy : copies) {
        copy.run();
      }
    };
  }
}
