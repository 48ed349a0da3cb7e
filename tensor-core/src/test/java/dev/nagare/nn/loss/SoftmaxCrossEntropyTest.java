package dev.nagare.nn.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.GradientCheck;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.loss.SoftmaxCrossEntropy.Options;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SoftmaxCrossEntropyTest {
  private final Scope scope = new Scope(1 << 16);
  private final Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);
  private final SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy();

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void matchesFiniteDifferences() {
    for (int classes : new int[] {1, 2, 5}) {
      try (var check = new GradientCheck()) {
        Parameter logits = check.operand(2, 3, classes);
        check.check(
            on -> {
              Tensor labels = on.scope().zeros(DType.F64, Shape.of(6));
              for (int i = 0; i < 6; i++) {
                labels.set(i, i % classes);
              }
              return loss.forward(on.watch(logits), on.constant(labels));
            });
      }
    }
  }

  @Test
  void isTheMeanOfTheLogarithms() {
    // softmax(ln 1, ln 3) = (1/4, 3/4)
    double value = of(new float[] {0, (float) Math.log(3), (float) Math.log(3), 0}, 1, 1);
    assertThat(value).isCloseTo((Math.log(4 / 3.0) + Math.log(4)) / 2, within(1e-7));
  }

  @Test
  void manyClassesInF32FollowF64() {
    for (String provider : List.of("scalar", "vector", "onednn")) {
      var on = new Tape(KernelProviders.byName(provider).kernels(), scope);
      int rows = 5;
      int classes = 1000;
      Variable[] logits = new Variable[2];
      Variable[] losses = new Variable[2];
      for (DType dtype : List.of(DType.F64, DType.F32)) {
        Tensor x = scope.empty(dtype, Shape.of(rows, classes));
        for (int i = 0; i < x.elements(); i++) {
          x.set(i, (float) (4 * Math.sin(i)));
        }
        Tensor labels = scope.empty(dtype, Shape.of(rows));
        for (int r = 0; r < rows; r++) {
          labels.set(r, r == 3 ? -100 : 199 * r);
        }
        int at = dtype == DType.F64 ? 0 : 1;
        logits[at] = on.leaf(x);
        losses[at] = loss.forward(logits[at], on.constant(labels));
        losses[at].backward();
      }
      assertThat(losses[1].item()).isCloseTo(losses[0].item(), within(2e-6));
      for (int i = 0; i < rows * classes; i++) {
        double exact = logits[0].gradient().get(i);
        assertThat(logits[1].gradient().get(i))
            .isCloseTo(exact, within(1e-8 + 2e-5 * Math.abs(exact)));
      }
      on.reset();
    }
  }

  @Test
  void logitsOfAnySizeStayFinite() {
    assertThat(of(new float[] {1e30f, -1e30f}, 0)).isZero();
    assertThat(of(new float[] {1e30f, -1e30f}, 1)).isFinite();
  }

  @Test
  void labelsMayBeWholeNumbersOfAnyWidth() {
    try (Scope scope = new Scope(1 << 12)) {
      Tape on = new Tape(KernelProviders.byName("scalar").kernels(), scope);
      Variable logits = on.constant(scope.of(Shape.of(2, 3), 1, 2, 3, 4, 5, 7));
      double expected = new SoftmaxCrossEntropy().forward(logits, labels(on, DType.F32, 2)).item();
      for (DType dtype : List.of(DType.I32, DType.I64, DType.F64)) {
        assertThat(new SoftmaxCrossEntropy().forward(logits, labels(on, dtype, 2)).item())
            .isEqualTo(expected);
      }
      for (long stranger : new long[] {-1, 3, (1L << 53) + 1, Long.MIN_VALUE}) {
        assertThatThrownBy(
                () -> new SoftmaxCrossEntropy().forward(logits, labels(on, DType.I64, stranger)))
            .hasMessageContaining("label 0 is " + stranger + ", expected a whole number");
      }
    }
  }

  /** A label, and -100, which is ignored. */
  private static Variable labels(Tape on, DType dtype, long first) {
    Tensor labels = on.scope().empty(dtype, Shape.of(2));
    labels.setLong(0, first);
    labels.setLong(1, -100);
    return on.constant(labels);
  }

  @Test
  void aLabelThatIsNoClassIsRefused() {
    for (float label : new float[] {-1, 2, 0.5f, Float.NaN}) {
      assertThatThrownBy(() -> of(new float[] {0, 0}, label))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("expected a whole number of 0 or more and less than 2");
    }
  }

  @Test
  void smoothingWeightsAndIgnoredRowsMatchFiniteDifferences() {
    Options plain = Options.DEFAULT;
    for (Options options :
        List.of(
            plain.withLabelSmoothing(0.2),
            plain.withLabelSmoothing(1),
            plain.withClassWeights(List.of(0.5, 2.0, 0.0)),
            plain.withIgnoreIndex(1),
            plain
                .withLabelSmoothing(0.1)
                .withClassWeights(List.of(0.5, 2.0, 1.0))
                .withIgnoreIndex(-1))) {
      try (var check = new GradientCheck()) {
        Parameter logits = check.operand(2, 3, 3);
        check.check(
            on -> {
              Tensor labels = on.scope().zeros(DType.F64, Shape.of(6));
              for (int i = 0; i < 6; i++) {
                labels.set(i, i % 3);
              }
              labels.set(4, options.ignoreIndex() == -1 ? -1 : 2);
              return new SoftmaxCrossEntropy(options)
                  .forward(on.watch(logits), on.constant(labels));
            });
      }
    }
  }

  @Test
  void optionsCountAsInPyTorch() {
    // -ln softmax(ln 1, ln 3) = (ln 4, ln 4/3); labels 0, 1 and one that is ignored.
    double[] lost = {Math.log(4), Math.log(4 / 3.0)};
    float three = (float) Math.log(3);
    float[] logits = {0, three, 0, three, 7, 8};
    var weighted = Options.DEFAULT.withClassWeights(List.of(0.5, 2.0)).withIgnoreIndex(-1);
    assertThat(of(weighted, logits, 0, 1, -1))
        .isCloseTo((0.5 * lost[0] + 2 * lost[1]) / 2.5, within(1e-6));
    double spread = 0.2 / 2 * (0.5 * lost[0] + 2 * lost[1]);
    assertThat(of(weighted.withLabelSmoothing(0.2), logits, 0, 1, -1))
        .isCloseTo((0.8 * (0.5 * lost[0] + 2 * lost[1]) + 2 * spread) / 2.5, within(1e-6));
  }

  @Test
  void whereNoRowCountsNothingIsLearned() {
    var options = Options.DEFAULT.withIgnoreIndex(1);
    Variable x = tape.leaf(scope.of(Shape.of(1, 2), 3, 4));
    Variable labels = tape.constant(scope.of(Shape.of(1), 1));
    Variable nothing = new SoftmaxCrossEntropy(options).forward(x, labels);
    assertThat(nothing.item()).isZero();
    nothing.backward();
    assertThat(x.gradient().toFloats()).containsExactly(0, 0);
  }

  @Test
  void whatDoesNotFitTheOptionsIsRefused() {
    var weighted = Options.DEFAULT.withClassWeights(List.of(1.0, 1.0, 1.0));
    assertThatThrownBy(() -> of(weighted, new float[] {0, 0}, 1))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("expected logits [.., 3] as weights, got F32 [1, 2]");
    assertThatThrownBy(() -> Options.DEFAULT.withLabelSmoothing(1.1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("label smoothing in [0, 1], got 1.1");
    assertThatThrownBy(() -> Options.DEFAULT.withClassWeights(List.of(-1.0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("class weights of 0 or more");
    Variable x = tape.leaf(scope.of(Shape.of(1, 2), 3, 4));
    Variable labels = tape.leaf(scope.of(Shape.of(1), 1));
    assertThatThrownBy(() -> loss.forward(x, labels))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("require a gradient");
  }

  private double of(float[] logits, float... labels) {
    return of(Options.DEFAULT, logits, labels);
  }

  private double of(Options options, float[] logits, float... labels) {
    tape.reset();
    Variable x =
        tape.leaf(scope.of(Shape.of(labels.length, logits.length / labels.length), logits));
    return new SoftmaxCrossEntropy(options)
        .forward(x, tape.constant(scope.of(Shape.of(labels.length), labels)))
        .item();
  }
}
