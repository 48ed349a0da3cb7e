package dev.nagare.loadtest.bench.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class InferTaskTest {

  @Test
  void mixedLengthsAreAsTheRowSays() {
    int[] lengths = InferTask.mixedLengths();
    assertThat(lengths).hasSize(32).contains(4, 128);
    assertThat(Arrays.stream(lengths).sum()).isEqualTo(32 * 30);
    assertThat(Arrays.stream(lengths)).allMatch(length -> length >= 4 && length <= 128);
    assertThat(InferTask.mixedLengths()).isEqualTo(lengths);
    assertThat(InferTask.MINILM_MIXED.note()).contains(Arrays.toString(lengths));
  }

  /** 4.1 G multiply-adds are published; about a thirtieth of them would touch borders only. */
  @Test
  void operationsOfResnet50AreThePublishedOnesWithoutBorders() {
    assertThat(Operations.resnet50()).isCloseTo(2 * 4.09e9, within(0.06 * 2 * 4.09e9));
    assertThat(Operations.resnet50()).isLessThan(2 * 4.09e9);
  }

  @Test
  void operationsOfMinilmGrowWithTheSquareOfTheLengthInAttention() {
    double weights = Operations.minilm(1) - 6 * 2.0 * 2 * 384;
    assertThat(Operations.minilm(10) - 10 * weights).isEqualTo(6 * 2.0 * 10 * 2 * 10 * 384);
  }
}
