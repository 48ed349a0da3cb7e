package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.TensorException.Kind;
import dev.nagare.tensor.kernel.KernelProviders;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private static final Shape SHAPE = Shape.of(2, 3);

  @Test
  void everyCallOnATensorOfAResetScopeIsRefused() {
    try (Scope scope = new Scope(1024);
        Scope other = new Scope(1024)) {
      Tensor old = scope.zeros(DType.F32, SHAPE);
      Tensor view = old.narrow(1, 1);
      scope.reset();
      Tensor fresh = scope.zeros(DType.F32, SHAPE);
      assertThat(old.isValid()).isFalse();
      assertThat(view.isValid()).isFalse();
      assertThat(fresh.isValid()).isTrue();
      assertClosed(() -> old.get(0));
      assertClosed(() -> old.set(0, 1));
      assertClosed(old::segment);
      assertClosed(old::toFloats);
      assertClosed(() -> old.reshape(6));
      assertClosed(() -> old.narrow(0, 1));
      assertClosed(() -> old.keep(other));
      assertClosed(() -> old.copyFrom(fresh));
      assertClosed(() -> fresh.copyFrom(view.reshape(1, 3)));
      assertThat(old.toString()).isEqualTo("F32 [2, 3] (ended)");
    }
  }

  @Test
  void aScopeThatGrewIsOneChunkAfterItsReset() {
    try (Scope scope = new Scope(64)) {
      for (int i = 0; i < 20; i++) {
        scope.zeros(DType.F32, Shape.of(100)).set(99, i);
      }
      scope.reset();
      long capacity = scope.capacityBytes();
      assertThat(capacity).isGreaterThanOrEqualTo(20 * 448);
      for (int call = 0; call < 5; call++) {
        for (int i = 0; i < 20; i++) {
          Tensor tensor = scope.zeros(DType.F32, Shape.of(100));
          assertThat(tensor.segment().address() % Memory.ALIGNMENT).isZero();
        }
        scope.reset();
      }
      assertThat(scope.capacityBytes()).isEqualTo(capacity);
    }
  }

  @Test
  void tensorsOfOneScopeDoNotOverlap() {
    try (Scope scope = new Scope(64)) {
      Tensor[] tensors = new Tensor[50];
      for (int i = 0; i < tensors.length; i++) {
        tensors[i] = scope.of(Shape.of(3), i, i, i);
      }
      for (int i = 0; i < tensors.length; i++) {
        assertThat(tensors[i].toFloats()).containsExactly(i, i, i);
      }
    }
  }

  @Test
  void absurdSizesAreRefusedBeforeTheMachineIsAsked() {
    assertThatThrownBy(() -> new Scope(1L << 50).close())
        .isInstanceOf(TensorException.class)
        .hasMessage("memory: expected at most 1099511627776 bytes, asked for 1125899906842624");
    try (Scope scope = new Scope(64);
        ProcessMemory process = new ProcessMemory("test")) {
      for (Memory memory : new Memory[] {scope, process}) {
        assertThatThrownBy(() -> memory.zeros(DType.F32, Shape.of(3, 1L << 40)))
            .isInstanceOf(TensorException.class)
            .hasMessageContaining("tensor F32 [3, 1099511627776]: more than 1099511627776 bytes");
        assertThat(memory.zeros(DType.F32, SHAPE).isValid()).isTrue();
      }
      Variable index =
          new Tape(KernelProviders.byName("scalar").kernels(), scope)
              .constant(scope.ofLongs(Shape.of(1), 0));
      assertThatThrownBy(() -> index.oneHot(1L << 40, DType.F32))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("more than 1099511627776 bytes");
    }
  }

  @Test
  void memoryThatTheProcessDoesNotGetIsARefusalToo() {
    try (Scope scope = new Scope(64)) {
      assertThatThrownBy(() -> scope.empty(DType.U8, Shape.of(1L << 40)))
          .isInstanceOfSatisfying(
              TensorException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OUT_OF_BUDGET))
          .hasMessageContaining("1099511627776 bytes asked for, which the process does not get");
      assertThat(scope.zeros(DType.F32, SHAPE).isValid()).isTrue();
    }
  }

  @Test
  void whatIsKeptOutlivesItsScope() {
    try (Scope scope = new Scope(1024);
        ProcessMemory process = new ProcessMemory("test")) {
      Tensor kept = scope.of(SHAPE, 1, 2, 3, 4, 5, 6).keep(process);
      scope.reset();
      assertThat(kept.toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
    }
  }

  @Test
  void closedMemoryGivesNothingAndItsTensorsAreRefused() {
    Scope scope = new Scope(1024);
    Tensor inScope = scope.zeros(DType.F32, SHAPE);
    scope.close();
    scope.close();
    assertClosed(() -> inScope.get(0));
    assertClosed(() -> scope.zeros(DType.F32, SHAPE));
    assertClosed(scope::reset);

    ProcessMemory process = new ProcessMemory("learner pulse");
    Tensor inProcess = process.zeros(DType.F64, SHAPE);
    process.close();
    process.close();
    assertClosed(() -> inProcess.get(0));
    assertThatThrownBy(() -> process.empty(DType.F32, SHAPE)).hasMessageContaining("learner pulse");
  }

  @Test
  void processMemoryIsAlignedAndHoldsWhatIsLargerThanAChunk() {
    try (ProcessMemory process = new ProcessMemory("test")) {
      Tensor small = process.zeros(DType.F32, Shape.of(1));
      Tensor large = process.zeros(DType.F32, Shape.of(1 << 20));
      Tensor empty = process.zeros(DType.F32, Shape.of(0, 5));
      Tensor next = process.zeros(DType.F64, Shape.of(7));
      assertThat(empty.elements()).isZero();
      for (Tensor tensor : new Tensor[] {small, large, empty, next}) {
        assertThat(tensor.segment().address() % Memory.ALIGNMENT).isZero();
      }
      assertThat(process.bytes()).isGreaterThanOrEqualTo(4 << 20);
    }
  }

  @Test
  void aShapeThatNoMemoryCouldHoldIsAMismatch() {
    try (Scope scope = new Scope(64)) {
      assertThatThrownBy(() -> scope.empty(DType.F64, Shape.of(1L << 62)))
          .isInstanceOfSatisfying(
              TensorException.class, e -> assertThat(e.kind()).isEqualTo(Kind.MISMATCH))
          .hasMessageContaining("F64 [4611686018427387904]");
      assertThat(scope.zeros(DType.F32, SHAPE).isValid()).isTrue();
    }
  }

  static void assertClosed(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            TensorException.class, e -> assertThat(e.kind()).isEqualTo(Kind.CLOSED));
  }
}
