package dev.nagare.server.processing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.config.ProcessingConfig;
import dev.nagare.server.metrics.Exposition;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.Terms.Priority;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.MemoryPool;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkshopTest {
  private static final long HEAP_BYTES = 8 << 10;
  private static final long MOST_BYTES = HEAP_BYTES / 8;

  private final MemoryPool pool = new MemoryPool("requests", 1 << 20);
  private final ProtocolJson codec = new ProtocolJson(pool);
  private final Metrics metrics = new Metrics(List.of("words"), new Serving(), "test", false);
  private final WordModel model = new WordModel();
  private final Workshop workshop =
      new Workshop(new ProcessingConfig(1, 2, 100, 4, 100), HEAP_BYTES, metrics);
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);

  @AfterEach
  void nothingIsKept() {
    workshop.close();
    assertThat(model.held()).isZero();
    assertThat(pool.usedBytes()).isZero();
  }

  private CompletableFuture<Processed> process(long bytes, Terms terms, Supplier<Medium> medium) {
    return workshop.process(new Workshop.Job(model, Goal.EMBEDDINGS, bytes, medium, terms, codec));
  }

  private CompletableFuture<Processed> process(long bytes) {
    return process(bytes, Terms.of(Priority.INTERACTIVE), WorkshopTest::text);
  }

  private static Medium text() {
    return new Medium.Texts(List.of("a"), false);
  }

  /** A call that holds the only thread until {@link #go}. */
  private CompletableFuture<Processed> slow() throws InterruptedException {
    CompletableFuture<Processed> slow =
        process(
            1,
            Terms.of(Priority.INTERACTIVE),
            () -> {
              entered.countDown();
              try {
                go.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return text();
            });
    entered.await();
    return slow;
  }

  private static ProtocolException refusal(Supplier<CompletableFuture<Processed>> call) {
    return catchThrowableOfType(ProtocolException.class, call::get);
  }

  private static ProtocolException failure(CompletableFuture<Processed> answer) {
    CompletionException thrown = catchThrowableOfType(CompletionException.class, answer::join);
    return (ProtocolException) Objects.requireNonNull(thrown.getCause());
  }

  private String page() {
    return new String(metrics.page(Exposition.TEXT), UTF_8);
  }

  @Test
  void whatIsBeyondTheQueueIsRefusedAndWhatWaitsIsAnswered() throws Exception {
    CompletableFuture<Processed> first = slow();
    CompletableFuture<Processed> second = process(1);
    CompletableFuture<Processed> third = process(1);
    ProtocolException busy = refusal(() -> process(1));
    assertThat(busy.status()).isEqualTo(429);
    assertThat(busy.retryAfterMillis()).isEqualTo(1000);
    assertThat(busy).hasMessageContaining("2 pictures and texts").hasMessageContaining("queue");
    assertThat(workshop.waiting()).isEqualTo(2);
    assertThat(page())
        .contains("nagare_processing_waiting 2.0")
        .contains("nagare_refused_requests_total{model=\"words\",reason=\"processing-full\"} 1.0");
    go.countDown();
    for (CompletableFuture<Processed> answer : List.of(first, second, third)) {
      assertThat(new String(answer.join().json(), UTF_8))
          .isEqualTo(
              "{\"model_name\":\"words\",\"model_version\":\"3\",\"embeddings\":[[2.0,4.0,3.0]]}");
      assertThat(answer.join().response().modelVersion()).isEqualTo("3");
    }
    assertThat(workshop.waiting()).isZero();
    assertThat(page()).contains("nagare_processing_waiting 0.0");
  }

  @Test
  void theirBytesCountTogetherButTheFirstThatWaitsIsTakenWhateverItsSize() throws Exception {
    CompletableFuture<Processed> first = slow();
    CompletableFuture<Processed> large = process(MOST_BYTES + 1);
    assertThat(refusal(() -> process(1)).status()).isEqualTo(429);
    go.countDown();
    first.join();
    large.join();
  }

  @Test
  void whoeverHasLeftOrIsTooLateIsNotWorkedFor() throws Exception {
    CompletableFuture<Processed> first = slow();
    Terms left = Terms.of(Priority.INTERACTIVE);
    Supplier<Medium> never =
        () -> {
          throw new AssertionError("nobody waits for it");
        };
    CompletableFuture<Processed> gone = process(1, left, never);
    CompletableFuture<Processed> late =
        process(1, Terms.until(Priority.INTERACTIVE, 0, System.nanoTime()), never);
    left.leave();
    go.countDown();
    first.join();
    assertThat(failure(gone).status()).isEqualTo(499);
    assertThat(failure(late).status()).isEqualTo(504);
    assertThat(failure(late)).hasMessageContaining("processing.threads");
  }

  @Test
  void anAnswerGoesBeforeCallsThatWait() throws Exception {
    var asked = new CompletableFuture<Void>();
    model.gate(asked);
    CompletableFuture<Processed> first = process(1);
    model.awaitAsked();
    CompletableFuture<Processed> second = slow();
    var before = new AtomicBoolean();
    CompletableFuture<Processed> third =
        process(
            1,
            Terms.of(Priority.INTERACTIVE),
            () -> {
              before.set(first.isDone());
              return text();
            });
    asked.complete(null); // the model answers the first while the thread is at the second
    go.countDown();
    third.join();
    second.join();
    assertThat(before).isTrue();
  }

  @Test
  void aVersionIsLetGoHoweverItEnds() {
    var refused = new ProtocolException(400, "not this");
    CompletableFuture<Processed> unread =
        process(
            1,
            Terms.of(Priority.INTERACTIVE),
            () -> {
              throw refused;
            });
    assertThat(failure(unread)).isSameAs(refused);
    assertThat(page())
        .contains("nagare_refused_requests_total{model=\"words\",reason=\"invalid\"} 1.0");
    var failing = new CompletableFuture<Void>();
    failing.completeExceptionally(new ProtocolException(504, "too late"));
    model.gate(failing);
    assertThatThrownBy(process(1)::join).hasMessageContaining("too late");
    CompletableFuture<Processed> broken =
        process(
            1,
            Terms.of(Priority.INTERACTIVE),
            () -> {
              throw new IllegalStateException("a defect");
            });
    assertThatThrownBy(broken::join).hasMessageContaining("a defect");
    model.gate(CompletableFuture.completedFuture(null));
    process(1).join(); // the thread is still there
  }

  @Test
  void afterTheEndNothingIsTaken() {
    workshop.close();
    assertThat(refusal(() -> process(1)).status()).isEqualTo(503);
  }
}
