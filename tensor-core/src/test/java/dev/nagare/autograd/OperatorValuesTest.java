package dev.nagare.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OperatorValuesTest {
  private final Scope scope = new Scope(1 << 12);
  private final Tape tape = new Tape(KernelProviders.byName("scalar").kernels(), scope);

  @AfterEach
  void close() {
    scope.close();
  }

  private Variable of(long[] dims, float... values) {
    return tape.constant(scope.of(Shape.of(dims), values));
  }

  private Variable longs(long... values) {
    return tape.constant(scope.ofLongs(Shape.of(values.length), values));
  }

  private static double[] elements(Variable x) {
    double[] values = new double[(int) x.value().elements()];
    Arrays.setAll(values, x.value()::get);
    return values;
  }

  @Test
  void operandsBroadcast() {
    Variable x = of(new long[] {2, 3}, 1, 2, 3, 4, 5, 6);
    Variable row = of(new long[] {3}, 10, 20, 30);
    Variable column = of(new long[] {2, 1}, 1, 2);
    assertThat(elements(x.add(row))).containsExactly(11, 22, 33, 14, 25, 36);
    assertThat(elements(x.sub(column))).containsExactly(0, 1, 2, 2, 3, 4);
    assertThat(elements(row.mul(column))).containsExactly(10, 20, 30, 20, 40, 60);
    assertThat(elements(row.div(column))).containsExactly(10, 20, 30, 5, 10, 15);
    assertThat(elements(column.pow(x).transpose(0, 1))).containsExactly(1, 16, 1, 32, 1, 64);
    assertThat(elements(x.maximum(of(new long[] {}, 4)))).containsExactly(4, 4, 4, 4, 5, 6);
    assertThat(elements(x.minimum(column.mul(2)))).containsExactly(1, 2, 2, 4, 4, 4);
    assertThat(elements(x.gt(column.mul(2)))).containsExactly(0, 0, 1, 0, 1, 1);
    assertThat(x.le(row).value().dtype()).isEqualTo(DType.BOOL);
    assertThat(elements(longs(1, 2, 3).eq(longs(2)))).containsExactly(0, 1, 0);
    assertThat(elements(longs(1, 2, 3).ne(longs(2)))).containsExactly(1, 0, 1);
    assertThat(elements(x.lt(x).ge(x.gt(x)))).containsOnly(1);
  }

  @Test
  void axesAreReduced() {
    Variable x = of(new long[] {2, 3}, 1, 5, 3, 4, 2, 6);
    assertThat(elements(x.sum(false, 0))).containsExactly(5, 7, 9);
    assertThat(x.sum(true, 0).shape()).isEqualTo(Shape.of(1, 3));
    assertThat(elements(x.mean(false, 1))).containsExactly(3, 4);
    assertThat(elements(x.max(false, -1))).containsExactly(5, 6);
    assertThat(elements(x.min(true))).containsExactly(1);
    assertThat(elements(x.var(1, false, 1))).containsExactly(4, 4);
    assertThat(elements(x.var(2, false, 0))[0]).isNaN();
    assertThat(elements(x.argMax(1, false))).containsExactly(1, 2);
    assertThat(elements(x.argMin(0, true))).containsExactly(0, 1, 0);
    assertThat(elements(x.narrow(1, 0, 0).sum(false, 1))).containsExactly(0, 0);
    assertThat(elements(x.narrow(1, 0, 0).mean(false, 1))).containsOnly(Double.NaN);
    assertThat(elements(x.argMax(1, false).oneHot(3, DType.F32))).containsExactly(0, 1, 0, 0, 0, 1);
  }

  @Test
  void theLargestComeFirst() {
    Variable x = of(new long[] {2, 4}, 1, 7, Float.NaN, 7, -1, -2, -3, -2);
    TopK top = x.topK(3, 1, true);
    assertThat(elements(top.values())).containsExactly(Double.NaN, 7, 7, -1, -2, -2);
    assertThat(elements(top.indices())).containsExactly(2, 1, 3, 0, 1, 3);
    TopK low = x.topK(2, -1, false);
    assertThat(elements(low.values())).containsExactly(1, 7, -3, -2);
    assertThat(elements(low.indices())).containsExactly(0, 1, 2, 1);
    TopK columns = x.transpose(0, 1).topK(1, 0, true);
    assertThat(columns.values().shape()).isEqualTo(Shape.of(1, 2));
    assertThat(elements(columns.indices())).containsExactly(2, 0);
    assertThat(x.topK(0, 0, true).values().value().elements()).isZero();
  }

  @Test
  void theExtremeOfEqualsSharesItsGradient() {
    Variable x = tape.leaf(scope.of(Shape.of(4), 3, 1, 3, 2));
    x.max(false).backward();
    assertThat(x.gradient().toFloats()).containsExactly(0.5f, 0, 0.5f, 0);
    Variable a = tape.leaf(scope.of(Shape.of(2), 1, 2));
    Variable b = tape.leaf(scope.of(Shape.of(2), 1, 3));
    a.maximum(b).sum().backward();
    assertThat(a.gradient().toFloats()).containsExactly(0.5f, 0);
    assertThat(b.gradient().toFloats()).containsExactly(0.5f, 1);
  }

  @Test
  void aPowerAtZeroGivesItsExponentNoGradient() {
    Variable base = tape.leaf(scope.of(Shape.of(3), 0, 0, 2));
    Variable exponent = tape.leaf(scope.of(Shape.of(3), 0, 2, 0));
    base.pow(exponent).sum().backward();
    assertThat(base.gradient().toFloats()).containsExactly(0, 0, 0);
    assertThat(exponent.gradient().toFloats()[2]).isEqualTo((float) Math.log(2));
    assertThat(exponent.gradient().toFloats()[1]).isZero();
  }

  @Test
  void batchesOfMatricesAreMultiplied() {
    Variable a = of(new long[] {2, 1, 2}, 1, 2, 3, 4);
    Variable b = of(new long[] {2, 2}, 1, 10, 100, 1000);
    assertThat(elements(a.matmul(b))).containsExactly(201, 2010, 403, 4030);
    assertThat(elements(a.matmul(b.transpose(0, 1)))).containsExactly(21, 2100, 43, 4300);
    assertThat(a.matmul(b).shape()).isEqualTo(Shape.of(2, 1, 2));
    assertThat(a.unsqueeze(1).matmul(b.expand(3, 2, 2)).shape()).isEqualTo(Shape.of(2, 3, 1, 2));
    assertThat(a.narrow(0, 0, 0).matmul(b).shape()).isEqualTo(Shape.of(0, 1, 2));
  }

  @Test
  void partsAreJoinedPaddedAndChosen() {
    Variable x = of(new long[] {2, 2}, 1, 2, 3, 4);
    assertThat(elements(Variable.concat(1, x, x.transpose(0, 1))))
        .containsExactly(1, 2, 1, 3, 3, 4, 2, 4);
    assertThat(elements(Variable.stack(1, x, x.mul(-1))))
        .containsExactly(1, 2, -1, -2, 3, 4, -3, -4);
    assertThat(x.split(1, 0)).hasSize(2);
    assertThat(elements(x.split(3, 1).getFirst())).containsExactly(1, 2, 3, 4);
    assertThat(elements(x.pad(9, 1, 0, 0, 1))).containsExactly(9, 1, 2, 9, 3, 4, 9, 9, 9);
    assertThat(elements(x.indexSelect(1, longs(1, 1, 0)))).containsExactly(2, 2, 1, 4, 4, 3);
    assertThat(elements(x.reshape(4).gather(0, longs(3, 0)))).containsExactly(4, 1);
    assertThat(elements(x.reshape(4).scatterAdd(0, longs(1, 1), of(new long[] {2}, 5, 6))))
        .containsExactly(1, 13, 3, 4);
    assertThat(elements(Variable.where(x.gt(of(new long[] {1}, 2)), x, x.neg())))
        .containsExactly(-1, -2, 3, 4);
  }

  @Test
  void operandsThatDoNotFitAreNamed() {
    Variable x = of(new long[] {2, 3}, 1, 2, 3, 4, 5, 6);
    Variable y = of(new long[] {2}, 1, 2);
    Variable f64 = tape.constant(scope.zeros(DType.F64, Shape.of(2, 3)));
    refused(() -> x.add(y), "add: [2, 3] and [2] do not broadcast");
    refused(() -> x.div(f64), "div: expected operands of one dtype");
    refused(() -> x.eq(f64), "compare: expected operands of one dtype");
    refused(() -> x.sum(false, 2), "sum: axis 2 of [2, 3], which has 2 axes");
    refused(() -> x.mean(false, 0, -2), "mean: axis -2 of [2, 3] twice");
    refused(() -> x.argMax(3, false), "argMax: axis 3");
    refused(() -> x.narrow(0, 0, 0).argMax(0, false), "argMax: along axis 0");
    refused(() -> x.narrow(0, 0, 0).max(false, 0), "max: of no element");
    refused(() -> x.matmul(x), "matmul: expected [M, K] and [K, N]");
    refused(() -> x.matmul(y), "matmul: expected [.., M, K]");
    refused(() -> x.expand(2, 2, 3).matmul(x.expand(3, 2, 3).transpose(1, 2)), "do not broadcast");
    refused(() -> Variable.concat(0, x, y), "concat: F32 [2] after F32 [2, 3]");
    refused(() -> Variable.concat(1, x, f64), "one dtype");
    refused(() -> Variable.concat(0), "concat: expected at least one operand");
    refused(() -> Variable.stack(0, x, y), "stack: F32 [2], expected the same as F32 [2, 3]");
    refused(() -> Variable.stack(3, x), "stack: axis 3, expected -3 to 2");
    refused(() -> x.split(0, 1), "split: expected parts of 1 or more");
    refused(() -> x.pad(0, 1), "pad: [1] around [2, 3]");
    refused(() -> x.pad(0, 1, -1), "pad: [1, -1]");
    refused(() -> x.gather(1, longs(0)), "gather: index [1]");
    refused(() -> x.indexSelect(1, longs(3)), "gather: index 3 along axis 1 of [2, 3]");
    refused(() -> x.indexSelect(1, longs(-1)), "index -1");
    refused(() -> longs(3).oneHot(3, DType.F32), "oneHot: class 3 of 3");
    refused(() -> x.oneHot(3, DType.F32), "oneHot: expected an I64 index");
    refused(() -> x.topK(4, 1, true), "topK: 4 along axis 1 of F32 [2, 3], expected");
    refused(() -> x.clamp(1, 0), "clamp: expected low <= high");
    refused(() -> Variable.where(x, x, x), "where: condition is F32");
    refused(() -> x.permute(1), "permute");
    refused(() -> x.reshape(4), "reshape: [2, 3] has 6 elements");
    refused(() -> longs(1).log(), "unary: expected F32 or F64, got I64 [1]");
    refused(() -> longs(1).add(longs(2)), "binary: expected F32 or F64");
  }

  private static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TensorException.class,
            e -> assertThat(e.kind()).isEqualTo(TensorException.Kind.MISMATCH))
        .hasMessageContaining(message);
  }
}
