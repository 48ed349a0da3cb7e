package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Matrices.elements;
import static dev.nagare.tensor.kernel.Matrices.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the convolutions of every provider must do: results against plain sums in f64. */
class ConvolutionConformanceTest {
  private final SplittableRandom random = new SplittableRandom(20261125);
  private final Scope scope = new Scope(1 << 20);

  @AfterEach
  void close() {
    scope.close();
  }

  record Case(Window window, int groups, int n, int h, int w, int c, int o) {}

  private static Stream<Case> cases() {
    Window three = Window.of(3, 3);
    return Stream.of(
        new Case(three.padding(1, 1), 1, 2, 8, 8, 16, 32),
        new Case(three.padding(1, 1), 1, 1, 5, 7, 3, 5),
        new Case(three.stride(2, 2).padding(1, 1), 1, 3, 9, 8, 4, 6),
        new Case(three.stride(2, 1).dilation(1, 2).padding(0, 2), 1, 2, 7, 9, 3, 17),
        new Case(three.dilation(2, 2).padding(2, 2), 1, 2, 6, 6, 16, 16),
        new Case(Window.of(1, 1), 1, 3, 4, 5, 7, 9),
        new Case(Window.of(1, 1).stride(2, 2), 1, 2, 8, 8, 16, 32),
        new Case(three.padding(1, 1), 2, 2, 6, 5, 6, 4),
        new Case(three.padding(1, 1), 4, 2, 6, 6, 32, 64),
        new Case(three.padding(1, 1), 6, 2, 6, 5, 6, 6),
        new Case(three.stride(2, 2).padding(1, 1), 32, 2, 7, 7, 32, 32),
        new Case(three.padding(1, 1), 4, 1, 5, 5, 4, 12),
        new Case(Window.of(1, 5).padding(0, 2), 1, 2, 1, 20, 3, 8),
        new Case(Window.of(1, 3).dilation(1, 4).stride(1, 2), 1, 3, 1, 33, 8, 16),
        new Case(new Window(2, 4, 1, 1, 1, 1, 0, 1, 1, 2), 1, 2, 5, 6, 3, 4),
        new Case(new Window(2, 2, 2, 2, 1, 1, 1, 0, 0, 1), 2, 2, 6, 6, 8, 16),
        new Case(Window.of(4, 5), 1, 2, 4, 5, 3, 2),
        new Case(three.padding(3, 3), 1, 1, 2, 2, 2, 2),
        new Case(Window.of(1, 1), 1, 1, 1, 1, 1, 1),
        new Case(three.padding(1, 1), 1, 0, 4, 4, 2, 2));
  }

  static Stream<Arguments> all() {
    return Stream.of("scalar", "vector", "onednn")
        .flatMap(
            provider ->
                Stream.of(DType.F32, DType.F64)
                    .flatMap(dtype -> cases().map(c -> Arguments.of(provider, dtype, c))));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("all")
  void allPassesAreWithinRoundingOfTheExactSums(String provider, DType dtype, Case s) {
    Convolution convolution = convolution(provider);
    int oh = (int) s.window.outH(s.h);
    int ow = (int) s.window.outW(s.w);
    Tensor x = random(scope, dtype, random, 1, s.n, s.h, s.w, s.c);
    Tensor weight =
        random(
            scope, dtype, random, 1, s.o, s.c / s.groups, s.window.kernelH(), s.window.kernelW());
    Tensor bias = random(scope, dtype, random, 1, s.o);
    Tensor dy = random(scope, dtype, random, 1, s.n, oh, ow, s.o);
    PlainConvolutionSums exact =
        new PlainConvolutionSums(s, elements(x), elements(weight), elements(dy));
    double[] none = new double[s.o];

    for (Tensor b : new Tensor[] {bias, null}) {
      Tensor y = random(scope, dtype, random, 9, s.n, oh, ow, s.o);
      convolution.forward(s.window, s.groups, x, weight, b, y);
      close(y, exact.forward(b == null ? none : elements(b)), dtype);
    }
    for (boolean accumulate : new boolean[] {false, true}) {
      Tensor dx = random(scope, dtype, random, 9, s.n, s.h, s.w, s.c);
      double[] before = elements(dx);
      convolution.backwardData(s.window, s.groups, dy, weight, dx, accumulate);
      close(dx, exact.data(accumulate ? before : new double[before.length]), dtype);
    }
    for (boolean withBias : new boolean[] {true, false}) {
      Tensor dWeight = random(scope, dtype, random, 1, weight.shape().toArray());
      Tensor dBias = random(scope, dtype, random, 1, s.o);
      double[] before = elements(dWeight);
      double[] biasBefore = elements(dBias);
      convolution.backwardWeights(s.window, s.groups, x, dy, dWeight, withBias ? dBias : null);
      close(dWeight, exact.weights(before), dtype);
      if (withBias) {
        close(dBias, exact.bias(biasBefore), dtype);
      } else {
        assertThat(elements(dBias)).isEqualTo(biasBefore);
      }
    }
  }

  /** Each element is a sum of so many products, each at most 1: errors grow with their number. */
  private static void close(Tensor actual, PlainConvolutionSums.Sums exact, DType dtype) {
    double epsilon = dtype == DType.F32 ? 0x1p-23 : 0x1p-52;
    for (int i = 0; i < exact.sums.length; i++) {
      assertThat(actual.get(i))
          .as("%s element %s", actual, i)
          .isCloseTo(exact.sums[i], within((exact.terms[i] + 2) * epsilon * exact.sizes[i]));
    }
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("all")
  void anImageHasTheSameBitsInAnyBatch(String provider, DType dtype, Case s) {
    Convolution convolution = convolution(provider);
    int n = 17;
    Tensor x = random(scope, dtype, random, 1, n, s.h, s.w, s.c);
    Tensor weight =
        random(
            scope, dtype, random, 1, s.o, s.c / s.groups, s.window.kernelH(), s.window.kernelW());
    Tensor bias = random(scope, dtype, random, 1, s.o);
    Tensor y = scope.empty(dtype, Shape.of(n, s.window.outH(s.h), s.window.outW(s.w), s.o));
    Tensor dy = random(scope, dtype, random, 1, y.shape().toArray());
    Tensor dx = scope.empty(dtype, x.shape());
    convolution.forward(s.window, s.groups, x, weight, bias, y);
    convolution.backwardData(s.window, s.groups, dy, weight, dx, false);
    for (int rows : new int[] {1, 2, 3, 8, 16}) {
      for (int first : new int[] {0, n - rows}) {
        Tensor some = scope.empty(dtype, y.narrow(first, rows).shape());
        convolution.forward(s.window, s.groups, x.narrow(first, rows), weight, bias, some);
        assertThat(elements(some))
            .as("images %s to %s", first, first + rows)
            .isEqualTo(elements(y.narrow(first, rows)));
        Tensor back = scope.empty(dtype, dx.narrow(first, rows).shape());
        convolution.backwardData(s.window, s.groups, dy.narrow(first, rows), weight, back, false);
        assertThat(elements(back))
            .as("gradient of images %s to %s", first, first + rows)
            .isEqualTo(elements(dx.narrow(first, rows)));
      }
    }
  }

  @Test
  void theVectorKernelsHaveTheBitsOfTheScalarOnes() {
    cases()
        .forEach(
            s -> {
              SplittableRandom same = new SplittableRandom(5);
              double[] scalar = bits(convolution("scalar"), s, same);
              assertThat(bits(convolution("vector"), s, new SplittableRandom(5)))
                  .as("%s", s)
                  .isEqualTo(scalar);
            });
  }

  private double[] bits(Convolution convolution, Case s, SplittableRandom from) {
    Tensor x = random(scope, DType.F32, from, 1, s.n, s.h, s.w, s.c);
    Tensor weight =
        random(
            scope, DType.F32, from, 1, s.o, s.c / s.groups, s.window.kernelH(), s.window.kernelW());
    Tensor bias = random(scope, DType.F32, from, 1, s.o);
    Tensor y = scope.empty(DType.F32, Shape.of(s.n, s.window.outH(s.h), s.window.outW(s.w), s.o));
    Tensor dx = scope.zeros(DType.F32, x.shape());
    Tensor dWeight = scope.zeros(DType.F32, weight.shape());
    convolution.forward(s.window, s.groups, x, weight, bias, y);
    convolution.backwardData(s.window, s.groups, y, weight, dx, true);
    convolution.backwardWeights(s.window, s.groups, x, y, dWeight, bias);
    return Stream.of(y, dx, dWeight, bias)
        .flatMapToDouble(t -> Arrays.stream(elements(t)))
        .toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void whatDoesNotFitIsNamed(String provider) {
    Convolution convolution = convolution(provider);
    Window window = Window.of(3, 3).padding(1, 1);
    Tensor x = zeros(2, 5, 6, 4);
    Tensor weight = zeros(8, 4, 3, 3);
    Tensor y = zeros(2, 5, 6, 8);
    refused(
        () -> convolution.forward(window, 1, x, zeros(8, 3, 3, 3), null, y),
        "convolution: channels of x [2, 5, 6, 4] do not fit weight [8, 3, 3, 3] in 1 groups");
    refused(() -> convolution.forward(window, 3, x, weight, null, y), "in 3 groups");
    refused(
        () -> convolution.forward(window, 1, x, zeros(8, 4, 3, 2), null, y),
        "weight [8, 4, 3, 2] does not fit the window 3x3");
    refused(
        () -> convolution.forward(window, 1, x, weight, null, zeros(2, 5, 5, 8)),
        "convolution: y has shape [2, 5, 5, 8], expected [2, 5, 6, 8] for x [2, 5, 6, 4]");
    refused(
        () -> convolution.forward(window, 1, x, weight, zeros(4), y),
        "bias has shape [4], expected [8]");
    refused(() -> convolution.forward(window, 1, zeros(5, 6, 4), weight, null, y), "expected 4");
    refused(
        () -> convolution.forward(Window.of(3, 3), 1, zeros(2, 2, 6, 4), weight, null, y),
        "x [2, 2, 6, 4] with its padding is smaller than the window 3x3");
    refused(
        () -> convolution.forward(window, 1, x, scope.zeros(DType.F64, weight.shape()), null, y),
        "weight is F64 [8, 4, 3, 3], expected F32");
    Tensor both = zeros(2, 5, 6, 4);
    Tensor square = zeros(4, 4, 3, 3);
    refused(
        () -> convolution.forward(window, 1, both, square, null, both),
        "convolution: y [2, 5, 6, 4] overlaps x");
    refused(
        () -> convolution.backwardData(window, 1, y, weight, zeros(2, 5, 7, 4), false),
        "convolutionBackwardData: dy has shape [2, 5, 6, 8], expected [2, 5, 7, 8]");
    refused(
        () -> convolution.backwardData(window, 1, both, square, both, false), "dx [2, 5, 6, 4]");
    refused(
        () -> convolution.backwardWeights(window, 1, x, y, weight, zeros(3)),
        "convolutionBackwardWeights: dBias has shape [3], expected [8]");
    refused(
        () -> convolution.backwardWeights(window, 1, x, y, weight, weight.narrow(0, 1)),
        "dBias has shape [1, 4, 3, 3]");
  }

  @Test
  void impossibleWindowsAreNamed() {
    refused(
        () -> Window.of(0, 3),
        "window: expected a kernel of at least 1 and at most 1048576, got [0, 3]");
    refused(
        () -> Window.of(3, 3).stride(1, 0), "stride of at least 1 and at most 1048576, got [1, 0]");
    refused(() -> Window.of(3, 3).dilation(0, 1), "dilation of at least 1");
    refused(() -> Window.of(3, 3).padding(-1, 0), "padding of at least 0");
    refused(() -> Window.of(3, 1 << 21), "got [3, 2097152]");
  }

  private static Convolution convolution(String provider) {
    return KernelProviders.byName(provider).kernels().convolution();
  }

  private Tensor zeros(long... dims) {
    return scope.zeros(DType.F32, Shape.of(dims));
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TensorException.class,
            e -> assertThat(e.kind()).isEqualTo(TensorException.Kind.MISMATCH))
        .hasMessageContaining(message);
  }
}
