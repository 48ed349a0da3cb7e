package dev.nagare.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DropoutTest {
  private static final int ELEMENTS = 10_000;

  private final Scope scope = new Scope(1 << 20);
  private final Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void theFractionIsLeftOutAndTheOthersKeepTheSum() {
    float[] out = dropped(0.3, new CounterRandom(1, 2, 3));
    int zeros = 0;
    for (float value : out) {
      if (value == 0) {
        zeros++;
      } else {
        assertThat(value).isEqualTo((float) (1 / 0.7));
      }
    }
    // Six standard deviations of a binomial.
    assertThat(zeros / (double) ELEMENTS).isBetween(0.3 - 0.0275, 0.3 + 0.0275);
  }

  @Test
  void theMaskIsAFunctionOfSeedStepAndStream() {
    float[] first = dropped(0.5, new CounterRandom(1, 2, 3));
    assertThat(dropped(0.5, new CounterRandom(1, 2, 3))).isEqualTo(first);
    assertThat(dropped(0.5, new CounterRandom(2, 2, 3))).isNotEqualTo(first);
    assertThat(dropped(0.5, new CounterRandom(1, 3, 3))).isNotEqualTo(first);
    assertThat(dropped(0.5, new CounterRandom(1, 2, 4))).isNotEqualTo(first);
  }

  @Test
  void aFractionThatLeavesNothingIsRefused() {
    for (double fraction : new double[] {-0.1, 1, Double.NaN}) {
      assertThatThrownBy(() -> dropped(fraction, new CounterRandom(1, 0, 0)))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("fraction");
    }
  }

  private float[] dropped(double fraction, CounterRandom random) {
    tape.reset();
    Tensor ones = scope.empty(DType.F32, Shape.of(ELEMENTS));
    for (int i = 0; i < ELEMENTS; i++) {
      ones.set(i, 1);
    }
    return tape.constant(ones).dropout(fraction, random).value().toFloats();
  }
}
