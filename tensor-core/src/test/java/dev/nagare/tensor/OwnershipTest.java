package dev.nagare.tensor;

import static dev.nagare.tensor.MemoryTest.assertClosed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Kernels.Binary;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may close what, and what a call on something that has ended does: it throws. */
class OwnershipTest {
  private static final Shape SHAPE = Shape.of(4, 4);

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void kernelsRefuseTensorsOfAClosedScope(String provider) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    Scope ended = new Scope(1024);
    Tensor old = ended.zeros(DType.F32, SHAPE);
    ended.close();
    kernelsRefuse(kernels, old);
  }

  @ParameterizedTest
  @ValueSource(strings = {"scalar", "vector", "onednn"})
  void kernelsRefuseTensorsOfAResetScope(String provider) {
    Kernels kernels = KernelProviders.byName(provider).kernels();
    try (Scope scope = new Scope(1024)) {
      Tensor old = scope.zeros(DType.F32, SHAPE);
      scope.reset();
      kernelsRefuse(kernels, old);
    }
  }

  private static void kernelsRefuse(Kernels kernels, Tensor old) {
    try (Scope scope = new Scope(4096)) {
      Tensor x = scope.zeros(DType.F32, SHAPE);
      Tensor y = scope.zeros(DType.F32, SHAPE);
      Tensor z = scope.zeros(DType.F32, SHAPE);
      assertClosed(() -> kernels.matmul(old, false, x, false, null, y, false));
      assertClosed(() -> kernels.matmul(x, false, old, false, null, y, false));
      assertClosed(() -> kernels.matmul(x, false, y, false, null, old, false));
      assertClosed(() -> kernels.unary(Kernels.Unary.TANH, old, x));
      assertClosed(() -> kernels.unary(Kernels.Unary.TANH, x, old));
      assertClosed(() -> kernels.binary(Binary.ADD, x, old, y));
      assertClosed(() -> kernels.binary(Binary.ADD, x, y, old));
      assertClosed(() -> kernels.axpy(1, old, x));
      assertClosed(() -> kernels.axpy(1, x, old));
      assertClosed(() -> kernels.scale(2, old));
      assertClosed(() -> kernels.clip(2, old));
      assertClosed(() -> kernels.sum(old));
      assertClosed(() -> kernels.sumOfSquares(old));
      var step = new Kernels.AdamStep(1, 0.9, 0.9, 1, 1, 1, 1);
      assertClosed(() -> kernels.adam(old, x, y, z, step));
      assertClosed(() -> kernels.adam(x, old, y, z, step));
      assertClosed(() -> kernels.adam(x, y, old, z, step));
      assertClosed(() -> kernels.adam(x, y, z, old, step));
    }
  }

  @Test
  void aScopeThatAnotherThreadClosesServesItsThreadUntilTheNextAllocation() throws Exception {
    Scope scope = new Scope(1024);
    Tensor tensor = scope.zeros(DType.F32, SHAPE);
    inAnotherThread(scope::close);
    assertThat(scope.arena().isFreed()).isFalse();
    assertThat(tensor.get(3)).isZero();
    assertClosed(() -> scope.zeros(DType.F32, SHAPE));
    assertThat(scope.arena().isFreed()).isTrue();
    assertClosed(() -> tensor.get(3));
    assertClosed(scope::reset);
    scope.close();
  }

  @Test
  void aScopeThatAnotherThreadClosesIsRefusedAtTheNextReset() throws Exception {
    Scope scope = new Scope(1024);
    Tensor tensor = scope.zeros(DType.F32, SHAPE);
    inAnotherThread(scope::close);
    assertClosed(scope::reset);
    assertThat(scope.arena().isFreed()).isTrue();
    assertClosed(() -> tensor.get(3));
  }

  @Test
  void aScopeWhoseThreadHasEndedIsFreedAtOnce() throws Exception {
    Scope scope = new Scope(1024);
    Thread worker = new Thread(() -> scope.zeros(DType.F32, SHAPE));
    worker.start();
    worker.join();
    scope.close();
    assertThat(scope.arena().isFreed()).isTrue();
  }

  @Test
  void aScopeThatAnotherThreadClosedIsFreedWhenNothingRefersToIt() throws Exception {
    OwnedArena arena = closedByAnother();
    for (int i = 0; i < 100 && !arena.isFreed(); i++) {
      LeakCheck.collect();
    }
    assertThat(arena.isFreed()).isTrue();
  }

  private static OwnedArena closedByAnother() throws Exception {
    Scope scope = new Scope(1024);
    inAnotherThread(scope::close);
    assertThat(scope.arena().isFreed()).isFalse();
    return scope.arena();
  }

  @Test
  void processMemoryThatAnotherThreadClosesIsRefusedAtTheNextAllocation() throws Exception {
    ProcessMemory memory = new ProcessMemory("learner pulse");
    Tensor tensor = memory.zeros(DType.F32, SHAPE);
    inAnotherThread(memory::close);
    assertThat(tensor.get(0)).isZero();
    assertClosed(() -> memory.zeros(DType.F32, SHAPE));
    assertClosed(() -> tensor.get(0));
  }

  /** Freed under a kernel, memory is a crash of the whole JVM, not a failed assertion. */
  @Test
  void closingWhileKernelsRunEndsTheirThreadWithAnException() throws Exception {
    Kernels kernels = KernelProviders.firstOf(List.of("vector", "scalar")).kernels();
    int rounds = 200;
    try (ExecutorService worker = Executors.newSingleThreadExecutor()) {
      for (int round = 0; round < rounds; round++) {
        Scope scope = new Scope(64);
        var running = new CountDownLatch(1);
        Future<?> steps = worker.submit(steps(kernels, scope, running, round));
        running.await();
        scope.close();
        assertClosed(() -> unwrapped(steps));
        assertThat(scope.arena().isFreed()).isTrue();
      }
    }
  }

  /** Steps without end, which grow in the first ones, so that the scope's memory is replaced. */
  private static Callable<Object> steps(
      Kernels kernels, Scope scope, CountDownLatch running, int round) {
    return () -> {
      for (int step = 0; ; step++) {
        Tensor x = scope.zeros(DType.F32, Shape.of(2_000));
        Tensor y = scope.zeros(DType.F32, Shape.of(2_000));
        kernels.unary(Kernels.Unary.SIGMOID, x, y);
        scope.reset();
        if (step == round % 10) {
          running.countDown();
        }
      }
    };
  }

  private static void unwrapped(Future<?> future) throws Throwable {
    try {
      future.get();
    } catch (ExecutionException e) {
      throw e.getCause();
    }
  }

  private static void inAnotherThread(Runnable action) throws Exception {
    // The pool's own close would wait for it too, but an error would be lost.
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      other.submit(action).get();
    }
  }
}
