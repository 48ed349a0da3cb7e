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
 * A tensor in parts along an axis, one output each. Any dtype. Source: ONNX {@code Split}.
 *
 * @param axis along which; a negative one counts from the last
 * @param sizes of the parts
 */
public record Split(int axis, List<Dim> sizes) implements Operator {
  /** Copies the list. */
  public Split {
    sizes = List.copyOf(sizes);
  }

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    int at = Rules.axis(name(), axis, x.rank());
    Dim sum = Dim.ZERO;
    for (Dim size : sizes) {
      sum = sum.plus(size);
      if (size.isKnown() && size.value() < 0) {
        throw TensorException.mismatch("split: sizes " + sizes);
      }
    }
    if (Rules.differ(sum, x.dim(at))) {
      throw TensorException.mismatch(
          "split: sizes " + sizes + " of axis " + axis + " of " + x.shape());
    }
    List<Fact> parts = new ArrayList<>();
    int from = 0;
    for (Dim size : sizes) {
      List<Dim> shape = new ArrayList<>(x.shape());
      shape.set(at, size);
      List<Dim> contents = null;
      if (x.rank() == 1 && x.contents() != null && sizes.stream().allMatch(Dim::isKnown)) {
        contents = x.contents().subList(from, from + (int) size.value());
        from += (int) size.value();
      }
      parts.add(new Fact(x.dtype(), shape, contents));
    }
    return parts;
  }

  @Override
  public Operator bind(Map<String, Long> names) {
    return new Split(axis, sizes.stream().map(size -> size.bind(names)).toList());
  }

  @Override
  public Order order() {
    return Order.ANY;
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor x = Moves.operand(inputs, 0);
    int at = Rules.axis(name(), axis, x.shape().rank());
    StridedCopy[] copies = new StridedCopy[outputs.size()];
    long from = 0;
    for (int i = 0; i < copies.length; i++) {
      long size = outputs.get(i).dim(at);
      copies[i] = StridedCopy.between(x.narrow(at, from, size), outputs.get(i));
      from += size;
    }
    return () -> {
      for (StridedCopy copy : copies) {
        copy.run();
      }
    };
  }
}
