package dev.nagare.tensor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.kernel.prepared.ConvolutionSpec;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PostOp;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConvolutionChoiceTest {
  private static final Window THREE = Window.of(3, 3).padding(1, 1);
  private static final PostOp RELU = new PostOp.Apply(PostOp.Function.RELU);
  private static final PostOp ADD = new PostOp.Combine(PostOp.Combination.ADD);

  private static ConvolutionChoice choice(
      DType dtype, long n, long h, long w, long c, long o, Window window, PostOp... post) {
    List<Operand> operands = List.of(post).contains(ADD) ? List.of(Operand.ELEMENT) : List.of();
    return ConvolutionChoice.of(
        new ConvolutionSpec(n, h, w, c, o, window, 1, dtype, dtype, true, List.of(post), operands));
  }

  private static ConvolutionChoice choice(long size, long c, long o, Window window) {
    return choice(DType.F32, 1, size, size, c, o, window, RELU);
  }

  @Test
  void threeByThreeGoesByTilesFromTwelveColumnsOn() {
    assertThat(choice(56, 64, 64, THREE)).isEqualTo(ConvolutionChoice.WINOGRAD);
    assertThat(choice(14, 256, 256, THREE)).isEqualTo(ConvolutionChoice.WINOGRAD);
    assertThat(choice(12, 128, 32, THREE)).isEqualTo(ConvolutionChoice.WINOGRAD);
    assertThat(choice(11, 128, 32, THREE)).isEqualTo(ConvolutionChoice.OTHER);
    assertThat(choice(7, 512, 512, THREE)).isEqualTo(ConvolutionChoice.OTHER);
    assertThat(choice(11, 16, 16, THREE)).isEqualTo(ConvolutionChoice.OTHER);
  }

  @Test
  void otherWindowsChannelsAndDtypesDoNot() {
    assertThat(choice(56, 64, 64, THREE.stride(2, 2))).isEqualTo(ConvolutionChoice.OTHER);
    assertThat(choice(56, 64, 64, Window.of(1, 1))).isEqualTo(ConvolutionChoice.OTHER);
    assertThat(choice(56, 64, 24, THREE)).isEqualTo(ConvolutionChoice.OTHER);
    assertThat(choice(56, 24, 64, THREE)).isEqualTo(ConvolutionChoice.OTHER);
    assertThat(choice(DType.BF16, 1, 56, 56, 64, 64, THREE, RELU))
        .isEqualTo(ConvolutionChoice.OTHER);
  }

  @Test
  void onlyASumAndAReluMayFollow() {
    assertThat(choice(DType.F32, 1, 28, 28, 16, 16, THREE, ADD, RELU))
        .isEqualTo(ConvolutionChoice.WINOGRAD);
    assertThat(choice(DType.F32, 1, 28, 28, 16, 16, THREE, RELU, ADD))
        .isEqualTo(ConvolutionChoice.OTHER);
    assertThat(
            choice(
                DType.F32, 1, 28, 28, 16, 16, THREE, new PostOp.Apply(PostOp.Function.HARD_SWISH)))
        .isEqualTo(ConvolutionChoice.OTHER);
  }

  @Test
  void neitherImagesNorRowsChangeTheChoice() {
    for (long[] form : new long[][] {{28, 16, 16}, {14, 256, 256}, {7, 512, 512}}) {
      ConvolutionChoice whole = choice(form[0], form[1], form[2], THREE);
      for (long n : new long[] {2, 64}) {
        for (long h : new long[] {1, 4, 100}) {
          assertThat(choice(DType.F32, n, h, form[0], form[1], form[2], THREE, RELU))
              .isEqualTo(whole);
        }
      }
    }
  }
}
