package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ViewsTest {
  private static final long SEED = 20261125;
  private final Scope scope = new Scope(1 << 12);

  @AfterEach
  void close() {
    scope.close();
  }

  /** Element i is i. */
  private Tensor counting(DType dtype, long... dims) {
    Tensor tensor = scope.empty(dtype, Shape.of(dims));
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.setLong(i, i);
    }
    return tensor;
  }

  private static double[] elements(Tensor tensor) {
    double[] values = new double[(int) tensor.elements()];
    Arrays.setAll(values, tensor::get);
    return values;
  }

  @Test
  void aTransposedViewReadsColumns() {
    Tensor x = counting(DType.F32, 2, 3);
    Tensor t = x.transpose(0, 1);
    assertThat(t.shape()).isEqualTo(Shape.of(3, 2));
    assertThat(t.strides()).containsExactly(1, 3);
    assertThat(t.isContiguous()).isFalse();
    assertThat(t.isDense()).isTrue();
    assertThat(elements(t)).containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(t.toFloats()).containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(t.toString()).isEqualTo("F32 [3, 2] strides [1, 3]");
    assertThat(t.transpose(-1, -2).isContiguous()).isTrue();
    t.set(1, 30);
    assertThat(x.get(3)).isEqualTo(30);
  }

  @Test
  void permutedAxesAreInTheGivenOrder() {
    Tensor x = counting(DType.F64, 2, 3, 4);
    Tensor p = x.permute(2, 0, -2);
    assertThat(p.shape()).isEqualTo(Shape.of(4, 2, 3));
    assertThat(p.strides()).containsExactly(1, 12, 4);
    assertThat(p.stride(-1)).isEqualTo(4);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 2; j++) {
        for (int k = 0; k < 3; k++) {
          assertThat(p.get(i * 6 + j * 3 + k)).isEqualTo(j * 12 + k * 4 + i);
        }
      }
    }
    assertThat(p.isDense()).isTrue();
    assertThat(p.slice(0, 0, 3, 1).isDense()).isFalse();
  }

  @Test
  void slicesTakeEveryStepThPosition() {
    Tensor x = counting(DType.I64, 2, 7);
    assertThat(elements(x.slice(1, 1, 6, 2))).containsExactly(1, 3, 5, 8, 10, 12);
    assertThat(elements(x.slice(1, 1, 7, 3))).containsExactly(1, 4, 8, 11);
    assertThat(elements(x.slice(-1, -3, -1, 1))).containsExactly(4, 5, 11, 12);
    assertThat(x.slice(1, 3, 3, 1).shape()).isEqualTo(Shape.of(2, 0));
    assertThat(x.slice(1, 7, 7, 1).elements()).isZero();
    assertThat(elements(x.slice(1, 2, 7, Long.MAX_VALUE))).containsExactly(2, 9);
    assertThat(elements(x.narrow(1, 5, 2))).containsExactly(5, 6, 12, 13);
    assertThat(elements(x.transpose(0, 1).narrow(5, 2))).containsExactly(5, 12, 6, 13);
    assertThat(elements(x.select(0, 1).narrow(1, 2))).containsExactly(8, 9);
  }

  @Test
  void aSelectedIndexLosesItsAxis() {
    Tensor x = counting(DType.U8, 2, 3, 2);
    assertThat(x.select(1, -1).shape()).isEqualTo(Shape.of(2, 2));
    assertThat(elements(x.select(1, -1))).containsExactly(4, 5, 10, 11);
    assertThat(elements(x.select(0, 1).select(0, 2).select(0, 0))).containsExactly(10);
    assertThat(x.select(0, 1).isContiguous()).isTrue();
  }

  @Test
  void expandedAxesRepeatTheirElement() {
    Tensor x = counting(DType.F32, 3, 1);
    Tensor e = x.expand(2, -1, 2);
    assertThat(e.shape()).isEqualTo(Shape.of(2, 3, 2));
    assertThat(e.strides()).containsExactly(0, 1, 0);
    assertThat(elements(e)).containsExactly(0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2);
    assertThat(e.isDense()).isFalse();
    refused(e::zero, "zero: F32 [2, 3, 2] strides [0, 1, 0] is expanded");
    refused(() -> e.copyFrom(scope.zeros(DType.F32, e.shape())), "is expanded");
    assertThat(x.expand(3, 0).elements()).isZero();
    assertThat(elements(counting(DType.F32).expand(2))).containsExactly(0, 0);
  }

  @Test
  void axesOfSizeOneComeAndGo() {
    Tensor x = counting(DType.F32, 2, 3).transpose(0, 1);
    assertThat(x.unsqueeze(0).shape()).isEqualTo(Shape.of(1, 3, 2));
    assertThat(x.unsqueeze(-1).shape()).isEqualTo(Shape.of(3, 2, 1));
    assertThat(x.unsqueeze(1).squeeze(1).strides()).containsExactly(1, 3);
    assertThat(elements(x.unsqueeze(1))).isEqualTo(elements(x));
  }

  @Test
  void aReshapeThatNeedsACopySaysHowToGetOne() {
    Tensor x = counting(DType.F32, 2, 6);
    Tensor t = x.transpose(0, 1);
    refused(() -> t.reshape(12), "reshape: F32 [6, 2] strides [1, 6] cannot be seen as [12]");
    refused(() -> t.reshape(12), "contiguous(memory)");
    assertThat(t.contiguous(scope).reshape(12).get(1)).isEqualTo(6);
    // Splitting one axis needs no copy.
    assertThat(t.reshape(2, 3, 2).strides()).containsExactly(3, 1, 6);
    assertThat(elements(t.reshape(2, 3, 2))).isEqualTo(elements(t));
    assertThat(x.reshape(3, -1).shape()).isEqualTo(Shape.of(3, 4));
    assertThat(x.slice(1, 0, 4, 2).reshape(2, 2, 1).strides()).containsExactly(6, 2, 2);
    refused(() -> x.reshape(5, -1), "reshape: no size for -1 makes [5, -1] of the 12 elements");
    refused(() -> x.reshape(-1, -1), "reshape: no size");
    refused(() -> x.reshape(5), "[2, 6] has 12 elements, [5] has 5");
  }

  @Test
  void aSegmentIsRefusedWhereElementsAreNotInOrder() {
    Tensor t = counting(DType.F32, 2, 3).transpose(0, 1);
    refused(t::segment, "F32 [3, 2] strides [1, 3]: its elements do not lie in row-major order");
    refused(t::segment, "contiguous(memory)");
    assertThat(t.base().byteSize()).isEqualTo(24);
    Tensor copy = t.contiguous(scope);
    assertThat(copy.segment().byteSize()).isEqualTo(24);
    assertThat(copy.contiguous(scope)).isSameAs(copy);
  }

  @Test
  void aViewCannotReachBeyondItsElements() {
    Tensor t = counting(DType.F32, 4, 4).narrow(1, 1, 2);
    assertThat(t.base().byteSize()).isEqualTo(4 * (3 * 4 + 2));
    assertThatThrownBy(() -> t.get(8)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> t.set(-1, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    Tensor row = t.select(0, 3);
    assertThatThrownBy(() -> row.get(2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void viewsEndWithTheirMemory() {
    Tensor t = counting(DType.F32, 2, 3).transpose(0, 1);
    scope.reset();
    MemoryTest.assertClosed(() -> t.get(0));
    MemoryTest.assertClosed(() -> t.set(0, 1));
    MemoryTest.assertClosed(t::base);
    MemoryTest.assertClosed(t::segment);
    MemoryTest.assertClosed(() -> t.select(0, 0));
    MemoryTest.assertClosed(() -> t.permute(1, 0));
    MemoryTest.assertClosed(() -> t.contiguous(scope));
    MemoryTest.assertClosed(() -> t.to(DType.BF16, scope));
    MemoryTest.assertClosed(t::zero);
    MemoryTest.assertClosed(() -> t.expand(2, 3, 2));
    MemoryTest.assertClosed(() -> t.reshape(3, 2, 1));
  }

  @Test
  void axesAndSizesThatDoNotFitAreNamed() {
    Tensor x = counting(DType.F32, 2, 3);
    refused(() -> x.permute(0, 0), "permute: expected each axis of [2, 3] once, got [0, 0]");
    refused(() -> x.permute(0), "got [0]");
    refused(() -> x.permute(0, 2), "got [0, 2]");
    refused(() -> x.transpose(0, 2), "transpose: axis 2 of [2, 3], which has 2 axes");
    refused(() -> x.transpose(-3, 0), "transpose: axis -3");
    refused(() -> x.slice(1, 0, 4, 1), "slice: from 0 to 4 in steps of 1 of axis 1 of [2, 3]");
    refused(() -> x.slice(1, 2, 1, 1), "expected 0 <= from <= to <= 3");
    refused(() -> x.slice(1, 0, 3, 0), "in steps of 0");
    refused(() -> x.slice(1, -4, 3, 1), "from -4");
    refused(() -> x.narrow(1, 2, 2), "narrow: 2 from 2 of axis 1 of [2, 3], which has 3");
    refused(() -> x.narrow(1, Long.MAX_VALUE, 1), "narrow");
    refused(() -> x.select(1, 3), "select: index 3 of axis 1 of [2, 3], which has 3");
    refused(() -> x.select(1, -4), "select: index -4");
    refused(() -> x.expand(3, 3), "expand: [2, 3] to [3, 3]");
    refused(() -> x.expand(3), "expand: [2, 3] to [3]");
    refused(() -> x.expand(-1, 2, 3), "expand");
    refused(() -> x.squeeze(0), "squeeze: axis 0 of [2, 3] has 2, expected 1");
    refused(() -> x.unsqueeze(3), "unsqueeze: axis 3 of [2, 3], expected -3 to 2");
    refused(() -> scope.zeros(DType.F32, Shape.of()).select(0, 0), "which has 0 axes");
  }

  @ParameterizedTest
  @EnumSource
  void elementsAreCopiedBetweenAnyStrides(DType dtype) {
    SplittableRandom random = new SplittableRandom(SEED);
    System.out.println("ViewsTest seed " + SEED);
    for (int round = 0; round < 200; round++) {
      scope.reset();
      Tensor from = randomView(random, counting(dtype, 4, 5, 6));
      Tensor to = sameShape(random, dtype, from.shape());
      to.copyFrom(from);
      assertThat(elements(to)).isEqualTo(elements(from));
      assertThat(elements(from.contiguous(scope))).isEqualTo(elements(from));
      assertThat(elements(from.keep(scope))).isEqualTo(elements(from));
      to.zero();
      assertThat(elements(to)).containsOnly(0);
    }
  }

  /** A view without repeated elements. */
  private static Tensor randomView(SplittableRandom random, Tensor x) {
    Tensor view = x;
    for (int i = random.nextInt(4); i >= 0; i--) {
      int axis = random.nextInt(view.shape().rank());
      view =
          switch (random.nextInt(4)) {
            case 0 -> view.transpose(axis, random.nextInt(view.shape().rank()));
            case 1 -> view.slice(axis, view.dim(axis) / 3, view.dim(axis), 1 + random.nextInt(2));
            case 2 -> view.unsqueeze(axis);
            default -> view.narrow(axis, 0, 1 + random.nextLong(view.dim(axis)));
          };
    }
    return view;
  }

  /** An uninitialised tensor of a shape, in memory with gaps and another order of axes. */
  private Tensor sameShape(SplittableRandom random, DType dtype, Shape shape) {
    int rank = shape.rank();
    int shift = random.nextInt(rank);
    long[] dims = new long[rank];
    int[] back = new int[rank];
    for (int i = 0; i < rank; i++) {
      dims[(i + shift) % rank] = 2 * shape.dim(i);
      back[i] = (i + shift) % rank;
    }
    Tensor view = scope.empty(dtype, Shape.of(dims)).permute(back);
    for (int i = 0; i < rank; i++) {
      view = view.slice(i, 0, view.dim(i), 2);
    }
    return view;
  }

  @Test
  void aTensorCanTakeItsOwnElementsInAnotherOrder() {
    Tensor x = counting(DType.F32, 3, 3);
    x.copyFrom(x.transpose(0, 1));
    assertThat(x.toFloats()).containsExactly(0, 3, 6, 1, 4, 7, 2, 5, 8);
    Tensor y = counting(DType.I64, 4);
    y.narrow(1, 3).copyFrom(y.narrow(0, 3));
    assertThat(elements(y)).containsExactly(0, 0, 1, 2);
    Tensor z = counting(DType.U8, 2, 4);
    z.narrow(1, 1, 3).copyFrom(z.narrow(1, 0, 3));
    assertThat(elements(z)).containsExactly(0, 0, 1, 2, 4, 4, 5, 6);
  }

  static void refused(ThrowingCallable call, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TensorException.class,
            e -> assertThat(e.kind()).isEqualTo(TensorException.Kind.MISMATCH))
        .hasMessageContaining(message);
  }
}
