package dev.nagare.streaming.reuse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AskedTest {
  private final Requests requests = new Requests();

  @AfterEach
  void everyRequestIsGivenBack() {
    requests.allAreGivenBack();
  }

  @Test
  void theSameTensorsAreTheSameWhoeverAsks() {
    Asked one = asked(requests.request(1, 2, 3));
    Asked other = asked(requests.request(1, 2, 3));
    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other);
    assertThat(one).isNotEqualTo(null);
  }

  @Test
  void anythingElseIsAnother() {
    Shape row = Shape.of(1, 4);
    Asked one = asked(requests.request("x", row, List.of(), 0, 1, 2, 3));
    assertThat(asked(requests.request("x", row, List.of(), 0, 1, 2, 4))).isNotEqualTo(one);
    assertThat(asked(requests.request("x", row, List.of(), -0f, 1, 2, 3)))
        .as("bits count")
        .isNotEqualTo(one);
    assertThat(asked(requests.request("y", row, List.of(), 0, 1, 2, 3))).isNotEqualTo(one);
    assertThat(asked(requests.request("x", Shape.of(2, 2), List.of(), 0, 1, 2, 3)))
        .isNotEqualTo(one);
    assertThat(asked(requests.request("x", row, List.of("y"), 0, 1, 2, 3))).isNotEqualTo(one);
    assertThat(asked(requests.request("x", row, List.of("y", "z"), 0, 1, 2, 3)))
        .isNotEqualTo(asked(requests.request("x", row, List.of("yz"), 0, 1, 2, 3)));
  }

  @Test
  void theSameBitsOfAnotherDtypeAreAnother() {
    assertThat(asked(zeros(DType.I32))).isNotEqualTo(asked(zeros(DType.F32)));
    assertThat(asked(zeros(DType.I32))).isEqualTo(asked(zeros(DType.I32)));
  }

  @Test
  void itsBytesAreKnownBeforeItIsMade() {
    try (InferenceRequest request =
        requests.request("images", Shape.of(1, 2), List.of("scores"), 1, 2)) {
      assertThat(Asked.of(request).size()).isEqualTo((int) Asked.bytes(request));
    }
  }

  private static InferenceRequest zeros(DType dtype) {
    PooledMemory memory = new MemoryPool("zeros", 1 << 16).open(64);
    Tensor zeros = memory.zeros(dtype, Shape.of(2));
    return new InferenceRequest(
        null, Map.of(), List.of(new TensorData("x", zeros)), List.of(), memory);
  }

  private static Asked asked(InferenceRequest request) {
    try (request) {
      return Asked.of(request);
    }
  }
}
