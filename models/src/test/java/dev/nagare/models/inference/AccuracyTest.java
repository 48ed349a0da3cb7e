package dev.nagare.models.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccuracyTest {
  private static final float INFINITE = Float.NEGATIVE_INFINITY;

  private final ProcessMemory memory = new ProcessMemory("accuracy test");

  @AfterEach
  void close() {
    memory.close();
  }

  private Accuracy.Output of(float[] exact, float[] half) {
    var sums = new OutputSums("y");
    sums.add(memory.of(Shape.of(exact.length), exact), memory.of(Shape.of(half.length), half));
    return sums.output();
  }

  @Test
  void cosineAndErrorAreOverAllElementsOfAllQuestions() {
    var sums = new OutputSums("y");
    sums.add(memory.of(Shape.of(1), 3), memory.of(Shape.of(1), 4));
    sums.add(memory.of(Shape.of(1), -4), memory.of(Shape.of(1), -3));
    Accuracy.Output output = sums.output();
    assertThat(output.cosine()).isCloseTo(24 / 25.0, within(1e-12));
    assertThat(output.scale()).isEqualTo(4);
    assertThat(output.error()).isCloseTo(1 / 4.0, within(1e-12));
    assertThat(output).hasToString("y cosine 0.960000, error 0.25 of its scale");
  }

  @Test
  void theBoundHoldsForEveryOutputAndEqualOnesReachOne() {
    Accuracy.Output same = of(new float[] {1.1f, -7}, new float[] {1.1f, -7});
    Accuracy.Output other = of(new float[] {1, 0}, new float[] {1, 1});
    assertThat(new Accuracy(List.of(same)).reaches(1)).isTrue();
    assertThat(new Accuracy(List.of(same, other)).reaches(0.8)).isFalse();
    assertThat(new Accuracy(List.of(same, other)).reaches(0.7)).isTrue();
  }

  @Test
  void zerosAgreeWithZerosOnly() {
    assertThat(of(new float[2], new float[2]).cosine()).isEqualTo(1);
    assertThat(of(new float[2], new float[] {0, 1}).cosine()).isZero();
    assertThat(of(new float[] {0, 1}, new float[2]).cosine()).isZero();
  }

  @Test
  void whatIsInfiniteInBothAlikeCountsNothingAndInOneIsNoAgreement() {
    Accuracy.Output both = of(new float[] {INFINITE, 2}, new float[] {INFINITE, 2});
    assertThat(both.cosine()).isEqualTo(1);
    assertThat(both.error()).isZero();
    for (float wrong : new float[] {INFINITE, Float.NaN}) {
      Accuracy.Output one = of(new float[] {1, 2}, new float[] {wrong, 2});
      assertThat(new Accuracy(List.of(one)).reaches(-1)).as("%s", one).isFalse();
    }
  }
}
