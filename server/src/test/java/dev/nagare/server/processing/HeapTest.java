package dev.nagare.server.processing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeapTest {
  private static final long BYTES = 400 << 10;
  private final Heap heap = new Heap(BYTES);

  @Test
  void pixelsOfMoreThanAQuarterAreRefused() {
    assertThat(heap.<Integer>decoding(BYTES / 4, () -> 7)).isEqualTo(7);
    ProtocolException refused =
        catchThrowableOfType(ProtocolException.class, () -> heap.decoding(BYTES / 4 + 1, () -> 7));
    assertThat(refused.status()).isEqualTo(413);
    assertThat(refused)
        .hasMessageContaining("take 102401 bytes once they are decoded, expected at most 102400")
        .hasMessageContaining("-Xmx");
  }

  @Test
  void whatIsSentMayBeMoreThanTheShareAndIsThenReadAlone() {
    assertThat(heap.<Integer>reading(BYTES, () -> 7)).isEqualTo(7);
  }

  @Test
  void noMoreThanTheShareIsWorkedOnAtATime() throws Exception {
    var entered = new CountDownLatch(1);
    var go = new CountDownLatch(1);
    var together = new AtomicInteger();
    CompletableFuture<Integer> first =
        CompletableFuture.supplyAsync(
            () ->
                heap.decoding(
                    BYTES / 4 - 1024,
                    () -> {
                      together.incrementAndGet();
                      entered.countDown();
                      try {
                        go.await();
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                      return together.getAndDecrement();
                    }),
            run -> Thread.ofPlatform().start(run));
    entered.await();
    assertThat(heap.<Integer>decoding(1024, together::get)).as("what is left").isOne();
    CompletableFuture<Integer> second =
        CompletableFuture.supplyAsync(
            () -> heap.decoding(2048, together::incrementAndGet),
            run -> Thread.ofPlatform().start(run));
    go.countDown();
    assertThat(first.get()).as("alone").isOne();
    assertThat(second.get()).as("afterwards").isOne();
  }

  @Test
  void whatFailsGivesItsPartBack() {
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(
              () ->
                  heap.decoding(
                      BYTES / 4,
                      () -> {
                        throw new IllegalStateException("damaged");
                      }))
          .hasMessage("damaged");
    }
    assertThat(heap.<Integer>decoding(BYTES / 4, () -> 7)).isEqualTo(7);
  }
}
