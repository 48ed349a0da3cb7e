package dev.nagare.autograd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.nn.GradientCheck;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Initializer;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Activations with kernels of their own: gradients and memory order. */
class ActivationGradientTest {
  private static final List<long[]> SHAPES =
      List.of(
          new long[] {}, new long[] {1}, new long[] {17}, new long[] {3, 5}, new long[] {2, 3, 4});

  static Stream<Arguments> functions() {
    return Stream.of(
        function("leakyRelu", x -> x.leakyRelu(0.1)),
        function("gelu", Variable::gelu),
        function("gelu with tanh", x -> x.gelu(true)),
        function("silu", Variable::silu),
        function("hardSwish", Variable::hardSwish));
  }

  private static Arguments function(String name, UnaryOperator<Variable> function) {
    return Arguments.of(name, function);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("functions")
  void gradientsMatchFiniteDifferences(String name, UnaryOperator<Variable> function) {
    for (long[] shape : SHAPES) {
      check(x -> function.apply(x), shape);
    }
    check(x -> function.apply(x.transpose(0, 1)), 3, 5);
    check(x -> function.apply(x.expand(4, 3, 5)), 3, 5);
    check(x -> function.apply(x.slice(1, 0, 5, 2)), 3, 5);
    check(x -> function.apply(x.permute(0, 3, 1, 2)), 2, 2, 3, 4);
  }

  /** From -4 to 4, a little away from the kinks at 0 and ±3. */
  private static void check(UnaryOperator<Variable> op, long... shape) {
    Initializer away =
        (tensor, random) -> {
          for (int i = 0; i < tensor.elements(); i++) {
            double u = 8 * random.uniform(i) - 4;
            boolean near = Math.abs(u) < 0.01 || Math.abs(Math.abs(u) - 3) < 0.01;
            tensor.set(i, near ? u + 0.05 : u);
          }
        };
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(away, shape);
      check.check(tape -> op.apply(tape.watch(x)));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("functions")
  void imagesStayChannelsLast(String name, UnaryOperator<Variable> function) {
    try (Scope scope = new Scope(1 << 16)) {
      var tape = new Tape(KernelProviders.byName("vector").kernels(), scope);
      Tensor pixels = scope.empty(DType.F32, Shape.of(2, 3, 4, 5));
      for (int i = 0; i < pixels.elements(); i++) {
        pixels.set(i, i % 9 - 4);
      }
      Tensor image = pixels.permute(0, 3, 1, 2);
      Variable x = tape.leaf(image);
      Variable y = function.apply(x);
      assertThat(y.value().strides()).isEqualTo(image.strides());
      y.sum().backward();

      Variable plain = tape.leaf(image.contiguous(scope));
      Variable same = function.apply(plain);
      same.sum().backward();
      assertThat(elements(y.value())).isEqualTo(elements(same.value()));
      assertThat(elements(x.gradient())).isEqualTo(elements(plain.gradient()));
    }
  }

  private static double[] elements(Tensor x) {
    double[] elements = new double[(int) x.elements()];
    Arrays.setAll(elements, x::get);
    return elements;
  }
}
