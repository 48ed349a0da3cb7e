package dev.nagare.tensor;

import static dev.nagare.tensor.MemoryTest.assertClosed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.TensorException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class MemoryPoolTest {

  @Test
  void aBlockGoesBackWithItsLastLeaseAndIsUsedAgain() {
    MemoryPool pool = new MemoryPool("requests", 1 << 20);
    PooledMemory block = pool.open(5000);
    Tensor tensor = block.zeros(DType.F32, Shape.of(10));
    assertThat(block.retain()).isTrue();
    block.release();
    assertThat(tensor.get(3)).isZero();
    assertThat(pool.usedBytes()).isEqualTo(8192);
    block.release();
    assertClosed(() -> tensor.get(3));
    assertClosed(() -> block.empty(DType.F32, Shape.of(1)));
    assertClosed(block::release);
    assertThat(block.retain()).isFalse();
    assertThat(pool.usedBytes()).isZero();

    PooledMemory again = pool.open(8192);
    assertThat(tensor.isValid()).isFalse();
    assertThat(pool.heldBytes()).isEqualTo(8192);
    again.release();
  }

  @Test
  void aBlockOfAnExactSizeIsNoLargerAndServesTheSameSizeAgain() {
    MemoryPool pool = new MemoryPool("weights", 1 << 20);
    PooledMemory block = pool.openExactly(5000);
    assertThat(pool.usedBytes()).isEqualTo(5056);
    long address = block.empty(DType.U8, Shape.of(5000)).segment().address();
    block.release();
    PooledMemory other = pool.openExactly(4000);
    PooledMemory again = pool.openExactly(4999);
    assertThat(again.empty(DType.U8, Shape.of(4999)).segment().address()).isEqualTo(address);
    assertThat(pool.heldBytes()).isEqualTo(5056 + 4032);
    other.release();
    again.release();
    assertThat(pool.usedBytes()).isZero();
  }

  @Test
  void whoComesLateGetsNoLeaseOnBytesThatAnotherHasOpenedSince() {
    MemoryPool pool = new MemoryPool("snapshots", 1 << 20);
    PooledMemory old = pool.open(1024);
    long address = old.zeros(DType.F32, Shape.of(1)).segment().address();
    old.release();
    PooledMemory current = pool.open(1024);
    assertThat(current.zeros(DType.F32, Shape.of(1)).segment().address()).isEqualTo(address);
    assertThat(old.retain()).isFalse();
    assertClosed(old::release);
    current.release();
    assertThat(pool.usedBytes()).isZero();
  }

  @Test
  void whatTheBudgetDoesNotCoverIsRefusedAndCostsNothing() {
    MemoryPool pool = new MemoryPool("requests", 3000);
    PooledMemory first = pool.open(2000);
    assertThatThrownBy(() -> pool.open(1000))
        .isInstanceOfSatisfying(
            TensorException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OUT_OF_BUDGET))
        .hasMessageContaining("requests: 1024 bytes asked for, 2048 of 3000 in use");
    first.release();
    pool.open(1000).release();
    assertThat(pool.usedBytes()).isZero();
  }

  @Test
  void aFullBlockSaysHowLargeItIs() {
    PooledMemory block = new MemoryPool("requests", 1 << 20).open(1024);
    block.zeros(DType.F32, Shape.of(200));
    assertThatThrownBy(() -> block.zeros(DType.F32, Shape.of(100)))
        .hasMessageContaining("requests: block of 1024 bytes is full");
    block.release();
  }

  @Test
  void noBlockIsLargerThanAGibibyte() {
    MemoryPool pool = new MemoryPool("snapshots", Long.MAX_VALUE);
    assertThatThrownBy(() -> pool.open((1L << 30) + 1)).hasMessageContaining("at most 1 GiB");
    assertThatThrownBy(() -> pool.open(-1)).hasMessageContaining("at most 1 GiB");
    assertThat(pool.usedBytes()).isZero();
  }

  @Test
  void leasesTakenAndGivenByManyThreadsEndInOneReturn() throws Exception {
    int threads = 4;
    MemoryPool pool = new MemoryPool("snapshots", 1 << 20);
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int round = 0; round < 200; round++) {
        PooledMemory block = pool.open(1024);
        Tensor tensor = block.of(Shape.of(1), round);
        double expected = round;
        List<Future<Integer>> readers = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          Callable<Integer> reader =
              () -> {
                int read = 0;
                while (block.retain()) {
                  assertThat(tensor.get(0)).isEqualTo(expected);
                  block.release();
                  if (++read == 50) {
                    break;
                  }
                }
                return read;
              };
          readers.add(executor.submit(reader));
        }
        block.release();
        for (Future<Integer> reader : readers) {
          reader.get();
        }
        assertThat(tensor.isValid()).isFalse();
        assertThat(pool.usedBytes()).isZero();
      }
    }
    assertThat(pool.heldBytes()).isEqualTo(1024);
  }
}
