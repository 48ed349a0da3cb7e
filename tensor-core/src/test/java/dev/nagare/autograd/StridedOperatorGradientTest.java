package dev.nagare.autograd;

import dev.nagare.nn.GradientCheck;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.init.Initializer;
import dev.nagare.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Finite differences of operators that take any shapes and strides, over both. */
class StridedOperatorGradientTest {
  /** Distinct elements in 0.5 to 2, away from where a function has no derivative. */
  private static final Initializer POSITIVE =
      (tensor, random) -> {
        for (int i = 0; i < tensor.elements(); i++) {
          tensor.set(i, 0.5 + 1.5 * random.uniform(i));
        }
      };

  private static final List<UnaryOperator<Variable>> STRIDES =
      List.of(
          x -> x,
          x -> x.transpose(0, -1),
          x -> x.slice(0, 1, x.value().dim(0), 2),
          x -> x.unsqueeze(1).transpose(0, 1).squeeze(0).permute(reversed(x)));

  private static int[] reversed(Variable x) {
    int[] axes = new int[x.shape().rank()];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = axes.length - 1 - i;
    }
    return axes;
  }

  private static final List<long[][]> PAIRS =
      List.of(
          new long[][] {{}, {}},
          new long[][] {{3, 4}, {4}},
          new long[][] {{3, 4}, {3, 1}},
          new long[][] {{4}, {2, 3, 4}},
          new long[][] {{2, 1, 3}, {4, 1}},
          new long[][] {{1}, {2, 5}},
          new long[][] {{2, 3}, {}});

  private static void broadcasts(BinaryOperator<Variable> op) {
    for (long[][] pair : PAIRS) {
      try (var check = new GradientCheck()) {
        Parameter a = check.operand(POSITIVE, pair[0]);
        Parameter b = check.operand(POSITIVE, pair[1]);
        check.check(tape -> op.apply(tape.watch(a), tape.watch(b)));
      }
    }
    for (UnaryOperator<Variable> left : STRIDES) {
      for (UnaryOperator<Variable> right : STRIDES) {
        try (var check = new GradientCheck()) {
          Parameter a = check.operand(POSITIVE, 3, 3, 3);
          Parameter b = check.operand(POSITIVE, 3, 3, 3);
          check.check(
              tape -> {
                Variable x = left.apply(tape.watch(a));
                Variable y = right.apply(tape.watch(b));
                return op.apply(x.narrow(0, 0, 1), y);
              });
        }
      }
    }
  }

  private static void strided(UnaryOperator<Variable> op) {
    for (UnaryOperator<Variable> strides : STRIDES) {
      strided(op, strides, 4, 3);
      strided(op, strides, 3, 2, 4);
      strided(op, strides, 2, 1, 3, 2);
    }
  }

  private static void strided(
      UnaryOperator<Variable> op, UnaryOperator<Variable> strides, long... dims) {
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(POSITIVE, dims);
      check.check(tape -> op.apply(strides.apply(tape.watch(x))));
    }
  }

  @Test
  void sumsDifferencesAndProductsBroadcast() {
    broadcasts(Variable::add);
    broadcasts(Variable::sub);
    broadcasts(Variable::mul);
  }

  @Test
  void quotientsBroadcast() {
    broadcasts(Variable::div);
  }

  @Test
  void extremesOfTwoBroadcast() {
    broadcasts(Variable::maximum);
    broadcasts(Variable::minimum);
  }

  @Test
  void powersBroadcast() {
    broadcasts(Variable::pow);
    strided(x -> x.pow(3));
    strided(x -> x.pow(-0.5));
    strided(x -> x.pow(0));
  }

  @Test
  void numbersAreAddedAndMultiplied() {
    strided(x -> x.add(2).mul(-3));
  }

  @Test
  void functionsOfOneArgumentTakeAnyStrides() {
    strided(Variable::neg);
    strided(Variable::sqrt);
    strided(Variable::log);
    strided(Variable::sigmoid);
    strided(Variable::exp);
    strided(x -> x.clamp(0.8, 1.4));
    strided(x -> x.clamp(Double.NEGATIVE_INFINITY, 1.1));
    strided(Variable::contiguous);
  }

  @Test
  void sumsAndMeansOverAxes() {
    for (boolean keep : new boolean[] {false, true}) {
      strided(x -> x.sum(keep));
      strided(x -> x.sum(keep, 0));
      strided(x -> x.sum(keep, -1));
      strided(x -> x.mean(keep, 1));
      strided(x -> x.mean(keep, -1, 0));
    }
    strided(Variable::sum);
    strided(Variable::mean);
  }

  @Test
  void extremesOverAxes() {
    for (boolean keep : new boolean[] {false, true}) {
      strided(x -> x.max(keep));
      strided(x -> x.max(keep, 0));
      strided(x -> x.min(keep, -1));
      strided(x -> x.min(keep, 1, 0));
    }
  }

  @Test
  void variancesOverAxes() {
    strided(x -> x.var(0, false));
    strided(x -> x.var(1, true));
    strided(x -> x.transpose(0, 1).var(0, true, 0));
    strided(x -> x.var(0, false, 0, -1));
  }

  @Test
  void viewsPassTheirGradientBack() {
    strided(x -> x.select(0, -1));
    strided(x -> x.narrow(-1, 1, 1));
    strided(x -> x.unsqueeze(0).expand(expanded(x)));
    strided(x -> x.reshape(-1));
    strided(x -> x.reshape(x.value().dim(0), -1, 1).squeeze(2));
    strided(x -> x.transpose(0, 1).reshape(-1, x.value().dim(0)));
    strided(x -> x.add(x.narrow(0, 0, 1)));
  }

  private static long[] expanded(Variable x) {
    long[] dims = new long[x.shape().rank() + 1];
    Arrays.fill(dims, -1);
    dims[0] = 3;
    return dims;
  }

  @Test
  void partsAreJoinedAndParted() {
    strided(x -> Variable.concat(0, x, x.mul(2), x.narrow(0, 0, 1)));
    strided(x -> Variable.concat(-1, x, x.narrow(-1, 0, 0), x));
    strided(x -> Variable.stack(0, x, x.mul(x)));
    strided(x -> Variable.stack(-1, x, x.mul(x), x));
    strided(x -> x.split(2, -1).getLast().mul(x.split(2, -1).getFirst().narrow(-1, 0, 1)));
    strided(x -> x.pad(7, 1, 2));
    strided(x -> x.pad(-1, 0, 2, 3, 0));
  }

  @ParameterizedTest(name = "batches {0} and {1}, [{2}, {3}] · [{3}, {4}]")
  @CsvSource({"2,2,3,4,2", "2,1,3,4,2", "1,3,2,2,2", "3,3,1,4,2", "2,2,3,1,1", "2,2,1,1,1"})
  void batchesOfProducts(long a, long b, long m, long k, long n) {
    batched(new long[] {a, m, k}, new long[] {b, k, n});
    batched(new long[] {2, a, m, k}, new long[] {b, k, n});
    batched(new long[] {a, m, k}, new long[] {k, n});
    batched(new long[] {m, k}, new long[] {2, 1, k, n});
  }

  private static void batched(long[] a, long[] b) {
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(a);
      Parameter y = check.operand(b);
      check.check(tape -> tape.watch(x).matmul(tape.watch(y)));
    }
    long[] xt = a.clone();
    xt[a.length - 1] = a[a.length - 2];
    xt[a.length - 2] = a[a.length - 1];
    long[] yt = b.clone();
    yt[b.length - 1] = b[b.length - 2];
    yt[b.length - 2] = b[b.length - 1];
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(xt);
      Parameter y = check.operand(yt);
      check.check(
          tape ->
              tape.watch(x)
                  .transpose(-1, -2)
                  .matmul(Variable.stack(0, tape.watch(y), y).select(0, 1).transpose(-2, -1)));
    }
  }

  @Test
  void productsOfSlicedMatrices() {
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(4, 6);
      Parameter y = check.operand(6, 4);
      check.check(
          tape ->
              tape.watch(x)
                  .slice(1, 0, 6, 2)
                  .matmul(tape.watch(y).slice(0, 1, 6, 2).narrow(1, 0, 3)));
    }
  }

  @Test
  void elementsChosenByIndex() {
    strided(
        x ->
            x.gather(
                -1, index(x, new long[] {1, 1}, 1, 0).expand(withLast(x.value().dim(0), x, 2))));
    strided(x -> x.indexSelect(0, index(x, new long[] {4}, x.value().dim(0) - 1, 0, 0, 0)));
    strided(x -> x.indexSelect(-1, index(x, new long[] {3}, 0, 1, 0)));
  }

  private static Variable index(Variable x, long[] dims, long... values) {
    Tape tape = Tape.of("index", x);
    var flat = tape.scope().ofLongs(Shape.of(values.length), values);
    return tape.constant(dims.length == 1 ? flat : flat.reshape(1, values.length));
  }

  private static long[] withLast(long first, Variable x, long last) {
    long[] dims = x.shape().toArray();
    dims[0] = first;
    dims[dims.length - 1] = last;
    return dims;
  }

  @Test
  void sourcesAreAddedWhereAnIndexSays() {
    try (var check = new GradientCheck()) {
      Parameter x = check.operand(3, 4);
      Parameter source = check.operand(3, 2);
      check.check(
          tape -> {
            var index = tape.scope().ofLongs(Shape.of(2, 3), 3, 3, 0, 1, 0, 1);
            return tape.watch(x)
                .scatterAdd(1, tape.constant(index.reshape(3, 2)), tape.watch(source));
          });
      check.check(
          tape -> {
            var index = tape.scope().ofLongs(Shape.of(2, 3), 3, 3, 0, 1, 0, 1);
            return tape.watch(x)
                .transpose(0, 1)
                .scatterAdd(0, tape.constant(index), tape.watch(source).transpose(0, 1));
          });
    }
  }

  @Test
  void choicesPassTheirGradientToWhatWasChosen() {
    broadcasts((a, b) -> Variable.where(a.lt(b), a, b.mul(b)));
    strided(x -> Variable.where(x.gt(x.mean(true, 0)), x, x.mul(3)));
  }

  @Test
  void theLargestElementsPassTheirGradientBack() {
    strided(x -> x.topK(x.value().dim(0), 0, true).values());
    strided(x -> x.topK(1, -1, false).values());
  }
}
