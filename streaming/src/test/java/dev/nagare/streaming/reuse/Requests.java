package dev.nagare.streaming.reuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Shape;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Requests and answers of a model with one input, {@code x}. */
final class Requests {
  private final MemoryPool pool = new MemoryPool("requests", 1 << 24);

  InferenceRequest request(float... values) {
    return request("x", Shape.of(1, values.length), List.of(), values);
  }

  InferenceRequest request(String input, Shape shape, List<String> outputs, float... values) {
    PooledMemory memory = pool.open(4L * values.length);
    var tensor = new TensorData(input, memory.of(shape, values));
    return new InferenceRequest("of the request", Map.of(), List.of(tensor), outputs, memory);
  }

  static InferenceResponse answer(String version, String id, float... values) {
    return new InferenceResponse(
        "m",
        version,
        id,
        new HashMap<>(Map.of("lineage_offset", 7)),
        List.of(InferenceResponse.Output.of("y", List.of(1L, (long) values.length), values)));
  }

  void allAreGivenBack() {
    assertThat(pool.usedBytes()).isZero();
  }
}
