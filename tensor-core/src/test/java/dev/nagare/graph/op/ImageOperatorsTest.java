package dev.nagare.graph.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Window;
import dev.nagare.tensor.kernel.prepared.PostOp;
import dev.nagare.tensor.kernel.prepared.PostOp.Combine;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Convolutions, poolings and normalisations of graphs against sums in f64. */
class ImageOperatorsTest {
  private static final long SEED = 5;

  @Test
  void aConvolutionKnowsItsShape() {
    var conv = new Convolution(Window.of(3, 3).stride(2, 2).padding(1, 1), 1, List.of());
    Fact x =
        Fact.of(DType.F32, List.of(Dim.named("batch"), Dim.of(3), Dim.named("h"), Dim.of(224)));
    Fact y = conv.infer(List.of(x, Fact.of(DType.F32, 8, 3, 3, 3))).getFirst();
    assertThat(y.dim(1)).isEqualTo(Dim.of(8));
    assertThat(y.dim(2)).isEqualTo(Dim.named("h").plus(-1).floorDiv(2).plus(1));
    assertThat(y.dim(3)).isEqualTo(Dim.of(112));
    assertThatThrownBy(() -> conv.infer(List.of(x, Fact.of(DType.F32, 64, 16, 3, 3))))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("input channels 3 do not match weight [64, 16, 3, 3], expected 16");
  }

  @Test
  void aConvolutionDoesWhatFollowsIt() {
    var random = new SplittableRandom(SEED);
    var window = new Window(3, 2, 2, 1, 1, 2, 1, 0, 0, 2);
    List<PostOp> post =
        List.of(
            new PostOp.Apply(PostOp.Function.LINEAR, 0.5, 1),
            new Combine(PostOp.Combination.ADD),
            new PostOp.Apply(PostOp.Function.RELU),
            new Combine(PostOp.Combination.SUB, true));
    try (Scope scope = new Scope(1 << 18)) {
      Tensor x = Runs.random(scope, random, DType.F32, 2, 4, 6, 7);
      Tensor weight = Runs.random(scope, random, DType.F32, 6, 2, 3, 2);
      Tensor bias = Runs.random(scope, random, DType.F32, 6);
      Tensor channel = Runs.random(scope, random, DType.F32, 6, 1, 1);
      Tensor minuend = Runs.random(scope, random, DType.F32, 2, 6, 3, 7);
      var operator = new Convolution(window, 2, post);
      Tensor y = Runs.one(scope, operator, x, weight, bias, channel, minuend);
      assertThat(y.shape()).isEqualTo(Shape.of(2, 6, 3, 7));
      for (long at = 0; at < y.elements(); at++) {
        long o = at / 21 % 6;
        double sum = convolution(window, 2, x, weight, at / 126, o, at / 7 % 3, at % 7);
        double linear = 0.5 * (sum + bias.get(o)) + 1;
        double expected = minuend.get(at) - Math.max(linear + channel.get(o), 0);
        assertThat(y.get(at)).as("at %s, seed %s", at, SEED).isCloseTo(expected, within(1e-4));
      }
    }
  }

  private static double convolution(
      Window w, int groups, Tensor x, Tensor weight, long n, long o, long p, long q) {
    long each = weight.dim(1);
    long group = o / (weight.dim(0) / groups);
    double sum = 0;
    for (long c = 0; c < each; c++) {
      for (long i = 0; i < w.kernelH(); i++) {
        for (long j = 0; j < w.kernelW(); j++) {
          long row = p * w.strideH() + i * w.dilationH() - w.top();
          long column = q * w.strideW() + j * w.dilationW() - w.left();
          if (row >= 0 && row < x.dim(2) && column >= 0 && column < x.dim(3)) {
            long pixel = ((n * x.dim(1) + group * each + c) * x.dim(2) + row) * x.dim(3) + column;
            long tap = ((o * each + c) * w.kernelH() + i) * w.kernelW() + j;
            sum += x.get(pixel) * weight.get(tap);
          }
        }
      }
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void poolingByKernelsIsThatByLoops(boolean ceil) {
    var random = new SplittableRandom(SEED);
    var window = SlidingWindow.of(3, 2).strides(2, 2).padding(1, 1);
    try (Scope scope = new Scope(1 << 18)) {
      Tensor x = Runs.random(scope, random, DType.F32, 2, 5, 8, 9);
      var max = new MaxPool(window, ceil);
      Tensor fast = Runs.one(scope, max, x);
      Tensor loops = Runs.one(scope, new MaxPool(window, ceil, MaxPool.Positions.ROW_MAJOR), x);
      Tensor mean = Runs.one(scope, new AveragePool(window, false, ceil), x);
      Tensor slow = scope.empty(DType.F32, mean.shape());
      PoolSteps.average(window, false, x, slow).run();
      assertThat(fast.toFloats()).as("seed %s", SEED).isEqualTo(loops.toFloats());
      for (long i = 0; i < mean.elements(); i++) {
        assertThat(mean.get(i)).as("seed %s", SEED).isCloseTo(slow.get(i), within(1e-6));
      }
    }
  }

  @Test
  void aWindowThatBeginsBeyondTheImageIsLeftOut() {
    // 4 wide, kernel 1, stride 3, padding 1: a third window would begin at 5
    var window = new SlidingWindow(List.of(1), List.of(3), List.of(1), List.of(1), List.of(1));
    Fact x = Fact.of(DType.F32, 1, 1, 4);
    assertThat(new MaxPool(window, true).infer(List.of(x)).getFirst().dim(2)).isEqualTo(Dim.of(2));
  }

  @Test
  void normalisationsAreTheirFormulas() {
    var random = new SplittableRandom(SEED);
    try (Scope scope = new Scope(1 << 18)) {
      for (long[] dims : new long[][] {{3, 4}, {2, 4, 5}, {2, 4, 3, 3}, {2, 4, 2, 3, 2}}) {
        Tensor x = Runs.random(scope, random, DType.F32, dims);
        Tensor scale = Runs.random(scope, random, DType.F32, 4);
        Tensor bias = Runs.random(scope, random, DType.F32, 4);
        Tensor mean = Runs.random(scope, random, DType.F32, 4);
        Tensor variance = Runs.random(scope, random, DType.F32, 4);
        Runs.KERNELS.unary(Kernels.Unary.SQUARE, variance, variance);
        Tensor y = Runs.one(scope, new BatchNorm(0.1), x, scale, bias, mean, variance);
        long inner = x.elements() / dims[0] / 4;
        for (long i = 0; i < x.elements(); i++) {
          long c = i / inner % 4;
          double expected =
              (x.get(i) - mean.get(c)) / Math.sqrt(variance.get(c) + 0.1) * scale.get(c)
                  + bias.get(c);
          assertThat(y.get(i)).as("%s, seed %s", x, SEED).isCloseTo(expected, within(1e-4));
        }
      }
    }
  }

  @Test
  void neighboursInTheChannelsCount() {
    var random = new SplittableRandom(SEED);
    try (Scope scope = new Scope(1 << 18)) {
      Tensor x = Runs.random(scope, random, DType.F32, 2, 7, 2, 3);
      Tensor y = Runs.one(scope, new LocalResponseNorm(4, 0.3, 0.75, 2), x);
      for (long i = 0; i < x.elements(); i++) {
        long c = i / 6 % 7;
        double sum = 0;
        for (long j = Math.max(0, c - 1); j <= Math.min(6, c + 2); j++) {
          double v = x.get(i + (j - c) * 6);
          sum += v * v;
        }
        double expected = x.get(i) / Math.pow(2 + 0.3 / 4 * sum, 0.75);
        assertThat(y.get(i)).as("seed %s", SEED).isCloseTo(expected, within(1e-5));
      }
    }
  }
}
