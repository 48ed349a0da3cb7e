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
  public record TensorMetadata(String name, String datatype, List<Long> shape) {}
}
