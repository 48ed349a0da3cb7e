package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TensorPartTest {
  private final ProcessMemory memory = new ProcessMemory("test");

  @AfterEach
  void close() {
    memory.close();
  }

  @Test
  void aPartOfABlockIsATensorOfItsOwn() {
    Tensor block = memory.zeros(DType.U8, Shape.of(64));
    Tensor part = block.part(8, DType.F32, Shape.of(2, 3));
    part.set(5, 1.5);
    assertThat(part.get(5)).isEqualTo(1.5);
    assertThat(block.part(28, DType.F32, Shape.of()).get(0)).isEqualTo(1.5);
    assertThat(block.part(64, DType.I64, Shape.of(0)).elements()).isZero();
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Tensor block = memory.zeros(DType.U8, Shape.of(64));
    for (long offset : new long[] {-4, 2, 44}) {
      assertThatThrownBy(() -> block.part(offset, DType.F32, Shape.of(2, 3)))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("part: F32 [2, 3] from byte " + offset + " of U8 [64]");
    }
    Tensor floats = memory.zeros(DType.F32, Shape.of(16));
    assertThatThrownBy(() -> floats.part(0, DType.F32, Shape.of(1)))
        .hasMessageContaining("expected a U8 tensor");
  }

  @Test
  void sameBitsAreMoreThanEqualNumbers() {
    Tensor zero = memory.of(Shape.of(2), 0f, 1f);
    assertThat(zero.hasSameBits(memory.copyOf(zero))).isTrue();
    assertThat(zero.hasSameBits(memory.of(Shape.of(2), -0f, 1f))).isFalse();
    assertThat(zero.hasSameBits(zero.reshape(1, 2))).isFalse();
  }
}
