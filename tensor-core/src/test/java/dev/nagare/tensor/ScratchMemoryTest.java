package dev.nagare.tensor;

import static dev.nagare.tensor.MemoryTest.assertClosed;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ScratchMemoryTest {

  @Test
  void usersShareBytesAndWhatTheyWereGivenStaysValid() {
    var memory = new ScratchMemory("test", 4096);
    Tensor first = memory.zeros(DType.F32, Shape.of(100));
    memory.rewind();
    Tensor second = memory.empty(DType.F32, Shape.of(10));
    second.fill(3);
    assertThat(first.get(9)).isEqualTo(3);
    assertThat(first.get(10)).isZero();
    assertThat(memory.peakBytes()).isEqualTo(448);
    memory.close();
    assertClosed(() -> first.get(0));
    assertClosed(() -> memory.empty(DType.U8, Shape.of(1)));
  }

  @Test
  void itGrowsForAUserWhoNeedsMore() {
    try (var memory = new ScratchMemory("test", 64)) {
      Tensor small = memory.zeros(DType.F32, Shape.of(16));
      Tensor large = memory.zeros(DType.F32, Shape.of(1000));
      large.fill(1);
      assertThat(small.get(15)).isZero();
      assertThat(memory.peakBytes()).isEqualTo(64 + 4032);
    }
  }
}
