package dev.nagare.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.nn.GradientCheck;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Initializer;
import dev.nagare.nn.init.Uniform;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Window;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ImageGradientTest {

  static Stream<Arguments> convolutions() {
    Window three = Window.of(3, 3);
    return Stream.of(
        Arguments.of(three.padding(1, 1), 1, new long[] {2, 3, 4, 5}, 4),
        Arguments.of(three.stride(2, 2).padding(1, 1), 1, new long[] {2, 2, 5, 5}, 3),
        Arguments.of(three.dilation(2, 1).padding(2, 0), 1, new long[] {1, 2, 4, 4}, 2),
        Arguments.of(three.stride(2, 1).padding(1, 1), 2, new long[] {2, 4, 5, 4}, 6),
        Arguments.of(three.padding(1, 1), 3, new long[] {2, 3, 4, 4}, 3),
        Arguments.of(Window.of(2, 2), 3, new long[] {1, 3, 3, 3}, 6),
        Arguments.of(Window.of(1, 1), 1, new long[] {3, 4, 2, 3}, 5),
        Arguments.of(Window.of(1, 1).stride(2, 2), 1, new long[] {1, 2, 4, 4}, 3),
        Arguments.of(Window.of(1, 3).padding(0, 1), 1, new long[] {2, 3, 7}, 4),
        Arguments.of(Window.of(1, 3).stride(1, 2).dilation(1, 2), 2, new long[] {2, 4, 9}, 4));
  }

  @ParameterizedTest(name = "{0} in {1} groups")
  @MethodSource("convolutions")
  void convolutionsMatchFiniteDifferences(Window window, int groups, long[] shape, int out) {
    boolean line = shape.length == 3;
    long in = shape[1] / groups;
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(shape);
      Parameter weight =
          line
              ? check.operand(out, in, window.kernelW())
              : check.operand(out, in, window.kernelH(), window.kernelW());
      check.check(tape -> tape.watch(x).convolution(weight, null, window, groups));
      Parameter bias = check.operand(out);
      check.check(tape -> tape.watch(x).convolution(weight, bias, window, groups));
      check.check(
          tape -> {
            // An input that lies channels-last and one that does not, each used twice.
            Variable once = tape.watch(x).tanh();
            Variable y = once.convolution(weight, bias, window, groups);
            Variable again = once.convolution(weight, bias, window, groups);
            return y.mul(again).add(y.tanh());
          });
    }
  }

  @Test
  void aChainOfConvolutionsMatchesFiniteDifferences() {
    Window window = Window.of(3, 3).padding(1, 1);
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(2, 3, 4, 4);
      Parameter first = check.operand(3, 3, 3, 3);
      Parameter second = check.operand(3, 3, 3, 3);
      check.check(
          tape -> {
            Variable a = tape.watch(x).convolution(first, null, window, 1);
            Variable b = a.tanh().convolution(second, null, window, 1);
            return b.add(a).add(tape.watch(x));
          });
    }
  }

  @ParameterizedTest
  @MethodSource("poolings")
  void poolingsMatchFiniteDifferences(Window window, long[] shape) {
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(apart(), shape);
      check.check(tape -> tape.watch(x).maxPool(window));
      check.check(tape -> tape.watch(x).averagePool(window, true));
      check.check(tape -> tape.watch(x).averagePool(window, false));
      check.check(tape -> tape.watch(x).globalAveragePool());
      check.check(tape -> tape.watch(x).maxPool(window).averagePool(Window.of(1, 1), true));
      if (shape.length == 4) {
        check.check(tape -> tape.watch(x).adaptiveAveragePool(2, 3));
        check.check(tape -> tape.watch(x).adaptiveAveragePool(7, 1));
      } else {
        check.check(tape -> tape.watch(x).adaptiveAveragePool(1, 3));
      }
    }
  }

  static Stream<Arguments> poolings() {
    return Stream.of(
        Arguments.of(Window.of(2, 2).stride(2, 2), new long[] {2, 3, 4, 4}),
        Arguments.of(Window.of(3, 3).stride(2, 2).padding(1, 1), new long[] {2, 2, 5, 6}),
        Arguments.of(Window.of(1, 3).stride(1, 2).padding(0, 1), new long[] {2, 3, 9}));
  }

  @Test
  void batchNormalisationMatchesFiniteDifferences() {
    for (long[] shape : List.of(new long[] {5, 3}, new long[] {2, 3, 4}, new long[] {2, 3, 4, 2})) {
      for (boolean ofBatch : new boolean[] {true, false}) {
        try (var check = new GradientCheck();
            var memory = new ProcessMemory("test")) {
          Tensor mean = memory.zeros(DType.F64, Shape.of(3));
          Tensor variance = memory.zeros(DType.F64, Shape.of(3));
          new Uniform(0.5, 1).fill(mean, new CounterRandom(1, 0, 0));
          new Uniform(0.5, 1).fill(variance, new CounterRandom(1, 0, 1));
          var statistics =
              ofBatch
                  ? new BatchNormalization.Statistics(null, null, true, 0.1, 1e-5)
                  : new BatchNormalization.Statistics(mean, variance, false, 0.1, 1e-5);
          Parameter x = check.operand(shape);
          check.check(tape -> BatchNormalization.apply(tape.watch(x), null, null, statistics));
          Parameter weight = check.operand(3);
          Parameter bias = check.operand(3);
          check.check(tape -> BatchNormalization.apply(tape.watch(x), weight, bias, statistics));
          check.check(
              tape -> {
                Variable once = tape.watch(x).tanh();
                Variable y = BatchNormalization.apply(once, weight, bias, statistics);
                return y.tanh().add(once);
              });
        }
      }
    }
  }

  @Test
  void elementsMeetWhateverTheirOrderInMemory() {
    try (var check = new GradientCheck();
        var memory = new ProcessMemory("test")) {
      Parameter x = check.operand(2, 3, 2, 4);
      Parameter identity = unit(memory);
      // Channels-last on the left, on the right, on both sides.
      check.check(tape -> last(tape, x, identity).mul(tape.watch(x)));
      check.check(tape -> tape.watch(x).sub(last(tape, x, identity)));
      check.check(tape -> last(tape, x, identity).mul(last(tape, x, identity).tanh()));
    }
  }

  @Test
  void resultsLieChannelsLastAndHaveTheSameNumbersForInputsThatDo() {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 16)) {
      Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      Tensor rowMajor = memory.empty(DType.F32, Shape.of(2, 3, 4, 5));
      new Uniform(1).fill(rowMajor, new CounterRandom(3, 0, 0));
      Tensor channelsLast = memory.empty(DType.F32, Shape.of(2, 4, 5, 3)).permute(0, 3, 1, 2);
      channelsLast.copyFrom(rowMajor);
      Tensor weight = memory.empty(DType.F32, Shape.of(6, 3, 3, 3));
      new Uniform(1).fill(weight, new CounterRandom(3, 0, 1));
      Window window = Window.of(3, 3).padding(1, 1);
      Variable w = tape.constant(weight);
      Tensor one = tape.constant(rowMajor).convolution(w, null, window, 1).value();
      Tensor two = tape.constant(channelsLast).convolution(w, null, window, 1).value();
      assertThat(one.shape()).isEqualTo(Shape.of(2, 6, 4, 5));
      assertThat(one.strides()).containsExactly(120, 1, 30, 6);
      assertThat(one.toFloats()).isEqualTo(two.toFloats());
      Tensor summed = tape.constant(two).relu().add(tape.constant(one)).value();
      assertThat(summed.strides()).containsExactly(120, 1, 30, 6);
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    try (var memory = new ProcessMemory("test");
        var scope = new Scope(1 << 16)) {
      Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      Variable x = tape.constant(memory.zeros(DType.F32, Shape.of(2, 3, 4, 5)));
      Variable weight = tape.constant(memory.zeros(DType.F32, Shape.of(6, 4, 3, 3)));
      Window window = Window.of(3, 3);
      assertThatThrownBy(() -> x.convolution(weight, null, window, 1))
          .isInstanceOf(TensorException.class)
          .hasMessage(
              "convolution: expected x [N, C, ..] with weight [O, C / groups, ..], got F32 [2, 3,"
                  + " 4, 5] with weight F32 [6, 4, 3, 3] in 1 groups");
      Variable flat = tape.constant(memory.zeros(DType.F32, Shape.of(2, 3)));
      assertThatThrownBy(() -> flat.maxPool(window))
          .hasMessage("maxPool: expected x [N, C, H, W] or [N, C, L], got F32 [2, 3]");
      var ofBatch = new BatchNormalization.Statistics(null, null, true, 0.1, 1e-5);
      Variable lone = tape.constant(memory.zeros(DType.F32, Shape.of(1, 3)));
      assertThatThrownBy(() -> BatchNormalization.apply(lone, null, null, ofBatch))
          .hasMessageContaining("batchNorm: expected at least two values of each channel");
      var none = new BatchNormalization.Statistics(null, null, false, 0.1, 1e-5);
      assertThatThrownBy(() -> BatchNormalization.apply(x, null, null, none))
          .hasMessage("batchNorm: expected running statistics, got none");
    }
  }

  /** The same numbers, lying channels-last. */
  private static Variable last(Tape tape, Variable x, Variable identity) {
    return tape.watch(x).convolution(identity, null, Window.of(1, 1), 1);
  }

  private static Parameter unit(ProcessMemory memory) {
    Tensor weight = memory.zeros(DType.F64, Shape.of(3, 3, 1, 1));
    for (int c = 0; c < 3; c++) {
      weight.set(4L * c, 1);
    }
    return new Parameter("identity", weight, memory.zeros(DType.F64, weight.shape()));
  }

  /** Values that a step of finite differences does not bring into another order. */
  private static Initializer apart() {
    return (tensor, random) -> {
      for (int i = 0; i < tensor.elements(); i++) {
        tensor.set(i, (i * 7919L % 1009) / 1009.0 + 1e-4 * random.uniform(i));
      }
    };
  }
}
