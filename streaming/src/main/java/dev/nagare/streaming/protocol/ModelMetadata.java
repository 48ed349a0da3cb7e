package dev.nagare.streaming.protocol;

import java.util.List;

/**
 * A model's description as the Open Inference Protocol answers it.
 *
 * @param name of the model
 * @param versions that can be asked for
 * @param platform of the model
 * @param inputs of the model
 * @param outputs of the model
 */
public record ModelMetadata(
    String name,
    List<String> versions,
    String platform,
    List<TensorMetadata> inputs,
    List<TensorMetadata> outputs) {

  /**
   * A tensor's description.
   *
   * @param name of the tensor
   * @param datatype of the protocol, such as {@code FP32}
   * @param shape batch included, -1 where any size is taken
   */
  public record TensorMetadata(String name, String datatype, List<Long> shape) {
    private boolean beginsOpen() {
      return !shape.isEmpty() && shape.getFirst() < 0;
    }

    /** The shape as Triton describes it: without the batch, if the model takes batches. */
    public List<Long> dims(boolean batches) {
      return shape.subList(batches ? 1 : 0, shape.size());
    }
  }

  /** Whether every tensor begins with an open size, which then is the batch. */
  public boolean takesBatches() {
    return inputs.stream().allMatch(TensorMetadata::beginsOpen)
        && outputs.stream().allMatch(TensorMetadata::beginsOpen);
  }
}
