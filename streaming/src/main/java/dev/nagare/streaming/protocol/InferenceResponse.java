package dev.nagare.streaming.protocol;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An inference answer of the Open Inference Protocol.
 *
 * @param modelName the model that answered
 * @param modelVersion the version that answered: the learner's step
 * @param id the request's id
 * @param parameters among them the lineage: {@code lineage_topic}, {@code lineage_partition},
 *     {@code lineage_offset} (the next offset to learn: the version has learned every record before
 *     it)
 * @param outputs the answer's tensors
 */
public record InferenceResponse(
    String modelName,
    String modelVersion,
    @Nullable String id,
    Map<String, Object> parameters,
    List<Output> outputs) {

  /**
   * One FP32 tensor of an answer, row-major.
   *
   * @param name as in the model's metadata
   * @param shape batch included
   * @param data of the answer alone; not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // a value on its way out, compared by nobody
  public record Output(String name, List<Long> shape, float[] data) {}
}
