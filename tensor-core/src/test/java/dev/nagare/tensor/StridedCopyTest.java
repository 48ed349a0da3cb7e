package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StridedCopyTest {
  private static final long SEED = 20261125;

  private final Scope scope = new Scope(1 << 16);

  @AfterEach
  void close() {
    scope.close();
  }

  private Tensor counted(DType dtype, long... dims) {
    Tensor tensor = scope.empty(dtype, Shape.of(dims));
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setLong(i, dtype == DType.BOOL ? i % 3 % 2 : i % 200);
    }
    return tensor;
  }

  private static int[] shuffled(int rank, SplittableRandom random) {
    int[] axes = new int[rank];
    for (int i = 0; i < rank; i++) {
      int at = random.nextInt(i + 1);
      axes[i] = axes[at];
      axes[at] = i;
    }
    return axes;
  }

  @ParameterizedTest
  @EnumSource
  void anyOrderOfAxesIsCopiedToAnyOther(DType dtype) {
    var random = new SplittableRandom(SEED);
    for (int round = 0; round < 60; round++) {
      int rank = random.nextInt(1, 6);
      long[] dims = new long[rank];
      Arrays.setAll(dims, i -> random.nextInt(1, rank < 3 ? 50 : 7));
      Tensor source = counted(dtype, dims).permute(shuffled(rank, random));
      int[] axes = shuffled(rank, random);
      int[] back = new int[rank];
      for (int i = 0; i < rank; i++) {
        back[axes[i]] = i;
      }
      Tensor target = scope.zeros(dtype, source.permute(axes).shape()).permute(back);
      StridedCopy copy = StridedCopy.between(source, target);
      copy.run();
      target.zero();
      copy.run();
      for (long i = 0; i < source.elements(); i++) {
        assertThat(target.getLong(i))
            .as("element %d of %s to %s, round %d of seed %d", i, source, target, round, SEED)
            .isEqualTo(source.getLong(i));
      }
    }
  }

  @Test
  void stridesMayRepeatAndWalkBackwards() {
    Tensor source = counted(DType.I32, 6);
    Tensor target = scope.empty(DType.I32, Shape.of(2, 3));
    StridedCopy.between(source, 5, new long[] {0, -2}, target).run();
    assertThat(target.getLong(0)).isEqualTo(5);
    assertThat(target.getLong(2)).isEqualTo(1);
    assertThat(target.getLong(4)).isEqualTo(3);
  }

  @Test
  void whatLeadsOutOfTheSourceIsRefused() {
    Tensor source = counted(DType.I32, 6);
    Tensor target = scope.empty(DType.I32, Shape.of(3));
    for (long[] firstAndStep : new long[][] {{4, 1}, {1, -1}, {-1, 1}, {6, 0}, {0, 3}}) {
      assertThatThrownBy(
              () ->
                  StridedCopy.between(
                      source, firstAndStep[0], new long[] {firstAndStep[1]}, target))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("elements");
    }
  }

  @Test
  void whatCannotBeWrittenIsRefused() {
    Tensor source = counted(DType.F32, 2, 3);
    Tensor row = scope.zeros(DType.F32, Shape.of(1, 3));
    assertThatThrownBy(() -> StridedCopy.between(source, row.expand(2, 3)))
        .hasMessageContaining("cannot be written");
    assertThatThrownBy(() -> StridedCopy.between(source, source))
        .hasMessageContaining("shares memory");
    assertThatThrownBy(() -> StridedCopy.between(source, row)).hasMessageContaining("expected");
    Tensor whole = scope.zeros(DType.I32, Shape.of(2, 3));
    assertThatThrownBy(() -> StridedCopy.between(source, whole)).hasMessageContaining("expected");
  }

  @Test
  void memoryThatEndedIsSeenAtTheNextRun() {
    try (Scope other = new Scope(64)) {
      StridedCopy copy =
          StridedCopy.between(
              other.zeros(DType.F32, Shape.of(2)), scope.zeros(DType.F32, Shape.of(2)));
      copy.run();
      other.reset();
      assertThatThrownBy(copy::run)
          .isInstanceOfSatisfying(
              TensorException.class,
              e -> assertThat(e.kind()).isEqualTo(TensorException.Kind.CLOSED));
    }
  }
}
