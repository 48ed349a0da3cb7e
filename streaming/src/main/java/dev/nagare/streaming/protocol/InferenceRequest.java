package dev.nagare.streaming.protocol;

import dev.nagare.tensor.PooledMemory;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An inference request of the Open Inference Protocol.
 *
 * <p>Its tensors live in one pooled block with one lease, which belongs to whoever holds the
 * request: the door until it hands the request to {@link dev.nagare.streaming.ModelService#infer},
 * the service from then on, whatever comes of it.
 *
 * @param id echoed in the answer; null if the caller gave none
 * @param parameters values are String, Number or Boolean
 * @param inputs in the caller's order
 * @param outputs names of the outputs wanted; empty for all
 * @param memory of the inputs
 */
public record InferenceRequest(
    @Nullable String id,
    Map<String, Object> parameters,
    List<TensorData> inputs,
    List<String> outputs,
    PooledMemory memory)
    implements AutoCloseable {

  /** Gives the inputs' memory back; to be called once, by the holder. */
  @Override
  public void close() {
    memory.release();
  }
}
