package dev.nagare.graph.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Operator;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sizes of axes {@code start} up to but not including {@code end} of x, I64 {@code [n]}; its
 * contents are known. Source: ONNX {@code Shape}.
 *
 * @param start the first axis; a negative one counts from the last
 * @param end the axis before which it ends; {@link Integer#MAX_VALUE} for all
 */
public record Shape(int start, int end) implements Operator {

  @Override
  public List<Fact> infer(List<@Nullable Fact> inputs) {
    Fact x = Rules.required(name(), inputs, 0);
    return List.of(Fact.ofSizes(DType.I64, chosen(x.shape())));
  }

  private List<Dim> chosen(List<Dim> sizes) {
    int rank = sizes.size();
    int from = Math.clamp(start < 0 ? start + rank : start, 0, rank);
    int to = Math.clamp(end < 0 ? end + rank : end, from, rank);
    return sizes.subList(from, to);
  }

  @Override
  public Step prepare(
      Kernels kernels, List<@Nullable Tensor> inputs, List<Tensor> outputs, Memory scratch) {
    Tensor y = outputs.getFirst();
    Tensor x = Moves.operand(inputs, 0);
    int from = Math.clamp(start < 0 ? start + x.shape().rank() : start, 0, x.shape().rank());
    return () -> {
      for (int i = 0; i < y.elements(); i++) {
        y.setLong(i, x.dim(from + i));
      }
    };
  }
}
