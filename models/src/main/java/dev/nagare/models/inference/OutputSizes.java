package dev.nagare.models.inference;

import dev.nagare.graph.Dim;
import dev.nagare.tensor.Tensor;
import java.util.List;

/**
 * How many elements the outputs of a model will have, told by its inputs alone: nothing is computed
 * for it, and nothing allocated where sizes are known or are those of an input.
 *
 * <p>Immutable; safe for any thread.
 */
final class OutputSizes {
  private final List<TensorSpec> inputs;
  private final List<List<Size>> outputs;

  /** A size of an output. */
  private sealed interface Size {}

  /** A number. */
  private record Known(long value) implements Size {}

  /** That of an axis of an input. */
  private record Same(int input, int axis) implements Size {}

  /** What follows from names. */
  private record Computed(Dim dim) implements Size {}

  OutputSizes(List<TensorSpec> inputs, List<TensorSpec> outputs) {
    this.inputs = inputs;
    this.outputs =
        outputs.stream()
            .map(spec -> spec.shape().stream().map(dim -> size(dim, inputs)).toList())
            .toList();
  }

  private static Size size(Dim dim, List<TensorSpec> inputs) {
    if (dim.isKnown()) {
      return new Known(dim.value());
    }
    for (int input = 0; input < inputs.size(); input++) {
      int axis = inputs.get(input).shape().indexOf(dim);
      if (axis >= 0) {
        return new Same(input, axis);
      }
    }
    return new Computed(dim);
  }

  /**
   * Elements of an output; {@link Long#MAX_VALUE} if they are more than can be counted.
   *
   * @param tensors each of which fits its input
   * @throws dev.nagare.tensor.TensorException kind MISMATCH if inputs that share a named size
   *     differ in it, or are empty
   */
  long elements(int output, List<Tensor> tensors) {
    long elements = 1;
    List<Size> sizes = outputs.get(output);
    for (int i = 0; i < sizes.size(); i++) {
      long size =
          switch (sizes.get(i)) {
            case Known known -> known.value;
            case Same same -> tensors.get(same.input).dim(same.axis);
            case Computed computed ->
                computed.dim.bind(CompiledModel.sizes(inputs, tensors)).value();
          };
      if (size <= 0) {
        return 0;
      }
      elements = elements > Long.MAX_VALUE / size ? Long.MAX_VALUE : elements * size;
    }
    return elements;
  }
}
