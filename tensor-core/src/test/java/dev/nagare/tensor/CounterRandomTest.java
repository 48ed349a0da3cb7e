package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class CounterRandomTest {

  /** Known answers of the authors' reference implementation, Random123. */
  @Test
  void wordsAreThoseOfTheReferenceImplementation() {
    assertThat(words(0, 0, 0, 0, 0, 0))
        .containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertThat(words(-1, -1, -1, -1, -1, -1))
        .containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertThat(words(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0))
        .containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  }

  private static int[] words(int c0, int c1, int c2, int c3, int k0, int k1) {
    int[] block = {c0, c1, c2, c3};
    CounterRandom.philox(block, k0, k1);
    return block;
  }

  @Test
  void numbersAreUniformAndDependOnEveryPartOfTheKey() {
    var random = new CounterRandom(1, 2, 3);
    double sum = 0;
    double squares = 0;
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      double u = random.uniform(i);
      assertThat(u).isBetween(0.0, 1.0);
      sum += u;
      squares += u * u;
    }
    assertThat(sum / n).isCloseTo(0.5, within(0.01));
    assertThat(squares / n).isCloseTo(1.0 / 3, within(0.01));
    assertThat(random.uniform(0))
        .isNotEqualTo(new CounterRandom(9, 2, 3).uniform(0))
        .isNotEqualTo(new CounterRandom(1, 9, 3).uniform(0))
        .isNotEqualTo(new CounterRandom(1, 2, 9).uniform(0))
        .isEqualTo(new CounterRandom(1, 2, 3).uniform(0));
  }
}
