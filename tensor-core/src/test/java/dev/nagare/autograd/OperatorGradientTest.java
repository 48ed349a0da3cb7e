package dev.nagare.autograd;

import dev.nagare.nn.GradientCheck;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Initializer;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.kernel.Kernels.Unary;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class OperatorGradientTest {
  private static final List<long[]> SHAPES =
      List.of(
          new long[] {}, new long[] {1}, new long[] {17}, new long[] {3, 5}, new long[] {2, 3, 4});

  @ParameterizedTest
  @EnumSource(Unary.class)
  void activationsMatchFiniteDifferences(Unary function) {
    for (long[] shape : SHAPES) {
      unary(x -> EachElement.apply(new EachElement.Plain(function), x), shape);
    }
  }

  @Test
  void sumMatchesFiniteDifferences() {
    SHAPES.forEach(shape -> unary(Variable::sum, shape));
  }

  @Test
  void meanMatchesFiniteDifferences() {
    SHAPES.forEach(shape -> unary(Variable::mean, shape));
  }

  @Test
  void lastStepMatchesFiniteDifferences() {
    unary(Variable::lastStep, 1, 1, 1);
    unary(Variable::lastStep, 2, 3, 4);
    unary(Variable::lastStep, 3, 1, 5);
  }

  @Test
  void lastStepsMatchFiniteDifferences() {
    unary(x -> x.lastSteps(1), 1, 1, 1);
    unary(x -> x.lastSteps(2), 2, 3, 4);
    unary(x -> x.lastSteps(3), 2, 3, 2);
  }

  @Test
  void dropoutMatchesFiniteDifferencesThroughTheElementsThatStayed() {
    SHAPES.forEach(shape -> unary(x -> x.dropout(0.4, new CounterRandom(5, 3, 1)), shape));
    SHAPES.forEach(shape -> unary(x -> x.dropout(0, new CounterRandom(5, 3, 1)), shape));
  }

  @Test
  void additionMatchesFiniteDifferences() {
    SHAPES.forEach(shape -> binary(Variable::add, shape, shape));
  }

  @Test
  void subtractionMatchesFiniteDifferences() {
    SHAPES.forEach(shape -> binary(Variable::sub, shape, shape));
  }

  @Test
  void multiplicationMatchesFiniteDifferences() {
    SHAPES.forEach(shape -> binary(Variable::mul, shape, shape));
  }

  @Test
  void anOperandThatIsUsedTwiceGetsBothGradients() {
    unary(x -> x.mul(x).add(x.tanh()), 3, 4);
    unary(x -> x.matmul(x).matmul(x), 3, 3);
  }

  @ParameterizedTest(name = "[{0}, {1}] · [{1}, {2}]")
  @CsvSource({"1,1,1", "1,3,2", "2,3,4", "5,4,1", "3,17,9"})
  void matrixProductMatchesFiniteDifferences(int m, int k, int n) {
    binary(Variable::matmul, new long[] {m, k}, new long[] {k, n});
  }

  @ParameterizedTest(name = "rows {0}, {1} -> {2}")
  @CsvSource({"1,3,2", "2,3,4", "5,4,1", "3,9,17"})
  void linearMatchesFiniteDifferences(int rows, int in, int out) {
    for (long[] shape : List.of(new long[] {rows, in}, new long[] {rows, 2, in})) {
      try (var check = new GradientCheck()) {
        Parameter x = check.operand(shape);
        Parameter weight = check.operand(out, in);
        Parameter bias = check.operand(out);
        check.check(tape -> tape.watch(x).linear(weight, bias));
      }
    }
  }

  @ParameterizedTest(name = "N {0}, T {1}, I {2}, H {3}")
  @CsvSource({"1,1,1,1", "1,5,3,4", "2,3,2,5", "3,2,4,9", "1,7,2,17"})
  void lstmSequenceMatchesFiniteDifferences(int n, int t, int i, int h) {
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(n, t, i);
      Parameter weightIh = check.operand(i, 4L * h);
      Parameter weightHh = check.operand(h, 4L * h);
      Parameter biasIh = check.operand(4L * h);
      Parameter biasHh = check.operand(4L * h);
      Parameter h0 = check.operand(n, h);
      Parameter c0 = check.operand(n, h);
      check.check(tape -> run(tape, x, weightIh, weightHh, biasIh, biasHh, h0, c0).hidden());
      check.check(tape -> run(tape, x, weightIh, weightHh, biasIh, biasHh, h0, c0).lastCell());
      check.check(
          tape -> {
            var result = run(tape, x, weightIh, weightHh, biasIh, biasHh, h0, c0);
            Variable states = result.lastHidden().mul(result.lastCell()).add(result.lastCell());
            return states.sum().add(result.hidden().square().sum());
          });
    }
  }

  @Test
  void frozenWeightsGetNoGradientButTheInputDoes() {
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(2, 3, 2);
      try (var frozen = new GradientCheck()) {
        Parameter[] p = {
          frozen.operand(2, 12),
          frozen.operand(3, 12),
          frozen.operand(12),
          frozen.operand(12),
          frozen.operand(2, 3),
          frozen.operand(2, 3)
        };
        check.check(
            tape -> {
              Variable[] c = new Variable[p.length];
              for (int i = 0; i < c.length; i++) {
                c[i] = tape.constant(p[i].value());
              }
              return run(tape, x, c[0], c[1], c[2], c[3], c[4], c[5]).hidden();
            });
      }
    }
  }

  private static LstmSequence.Result run(
      Tape tape,
      Variable x,
      Variable weightIh,
      Variable weightHh,
      Variable biasIh,
      Variable biasHh,
      Variable h0,
      Variable c0) {
    return LstmSequence.apply(
        new LstmSequence.Operands(tape.watch(x), weightIh, weightHh, biasIh, biasHh, h0, c0));
  }

  private static void unary(UnaryOperator<Variable> op, long... shape) {
    // Away from 0, where ReLU and the absolute value have no derivative.
    Initializer away =
        (tensor, random) -> {
          for (int i = 0; i < tensor.elements(); i++) {
            double u = 2 * random.uniform(i) - 1;
            tensor.set(i, Math.copySign(0.01 + Math.abs(u), u));
          }
        };
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(away, shape);
      check.check(tape -> op.apply(tape.watch(x)));
    }
  }

  private static void binary(BinaryOperator<Variable> op, long[] a, long[] b) {
    try (var check = new GradientCheck()) {
      Parameter left = check.operand(a);
      Parameter right = check.operand(b);
      check.check(tape -> op.apply(tape.watch(left), tape.watch(right)));
    }
  }
}
