package dev.nagare.streaming.protocol;

import dev.nagare.tensor.BFloat16;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
   * One tensor of an answer.
   *
   * @param name as in the model's metadata
   * @param dtype of its elements
   * @param shape batch included
   * @param data the elements as doors send them: row-major, little-endian, without gaps; of the
   *     answer alone, not to be changed
   */
  @SuppressWarnings("ArrayRecordComponent") // on its way out, compared by nobody
  public record Output(String name, DType dtype, List<Long> shape, byte[] data) {

    /** A copy of a tensor, the only one that is made of it. */
    public static Output of(String name, List<Long> shape, Tensor tensor) {
      byte[] data = new byte[Math.toIntExact(tensor.elements() * tensor.dtype().bytes())];
      tensor.copyTo(ByteBuffer.wrap(data));
      return new Output(name, tensor.dtype(), shape, data);
    }

    /** A copy of a tensor in its own shape. */
    public static Output of(String name, Tensor tensor) {
      return of(name, tensor.shape().toList(), tensor);
    }

    /** An FP32 tensor. */
    public static Output of(String name, List<Long> shape, float[] values) {
      byte[] data = new byte[values.length * Float.BYTES];
      ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
      return new Output(name, DType.F32, shape, data);
    }

    /** How many elements it has. */
    public int elements() {
      return data.length / dtype.bytes();
    }

    /** The numbers of an FP32 tensor. */
    public float[] floats() {
      float[] values = new float[data.length / Float.BYTES];
      numbers().asFloatBuffer().get(values);
      return values;
    }

    /** Some numbers of an FP32 tensor, from a row-major position on. */
    public float[] floats(int from, int count) {
      float[] values = new float[count];
      numbers().asFloatBuffer().position(from).get(values);
      return values;
    }

    /** The element at a row-major position, widened. */
    public double number(int at) {
      return switch (dtype) {
        case F32 -> numbers().getFloat(at * Float.BYTES);
        case F64 -> numbers().getDouble(at * Double.BYTES);
        case BF16 -> BFloat16.toFloat(numbers().getShort(at * Short.BYTES));
        default -> whole(at);
      };
    }

    /** The element of an integer tensor at a row-major position; of BOOL 0 or 1. */
    public long whole(int at) {
      return switch (dtype) {
        case I64 -> numbers().getLong(at * Long.BYTES);
        case I32 -> numbers().getInt(at * Integer.BYTES);
        case U8 -> Byte.toUnsignedLong(data[at]);
        case BOOL -> data[at] == 0 ? 0 : 1;
        default -> throw new IllegalArgumentException("output " + name + ": " + dtype);
      };
    }

    /** The elements, little-endian. */
    ByteBuffer numbers() {
      return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
