package dev.nagare.streaming.protocol;

import dev.nagare.tensor.DType;
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
   * One tensor of an answer, row-major.
   *
   * @param name as in the model's metadata
   * @param dtype of the tensor, which decides how the numbers are written
   * @param shape batch included
   * @param data of the answer alone; not to be changed
   */
  public record Output(String name, DType dtype, List<Long> shape, Numbers data) {

    /** An FP32 tensor. */
    public static Output of(String name, List<Long> shape, float[] data) {
      return new Output(name, DType.F32, shape, new Numbers.Floats(data));
    }

    /** The numbers of an FP32 tensor. */
    public float[] floats() {
      return ((Numbers.Floats) data).values();
    }
  }

  /** The numbers of a tensor. */
  @SuppressWarnings("ArrayRecordComponent") // values on their way out, compared by nobody
  public sealed interface Numbers {

    /** Of FP32. */
    record Floats(float[] values) implements Numbers {}

    /** Of FP64. */
    record Doubles(double[] values) implements Numbers {}

    /** Of integers, and of BOOL as 0 and 1. */
    record Wholes(long[] values) implements Numbers {}
  }
}
