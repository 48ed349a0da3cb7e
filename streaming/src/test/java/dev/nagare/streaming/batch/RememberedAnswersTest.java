package dev.nagare.streaming.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.models.online.RepeatLast;
import dev.nagare.models.online.Signature;
import dev.nagare.models.repository.Reuse;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that are given again by a model that learns meanwhile. */
@Timeout(60)
class RememberedAnswersTest {
  private static final Signature SIGNATURE = new Signature(1, 2, "forecast", List.of(2));

  private final MemoryPool pool = new MemoryPool("requests", 1 << 20);
  private final AtomicInteger batches = new AtomicInteger();
  private final PublishedModel model =
      new PublishedModel(
          "m", SIGNATURE, new Publication(new RepeatLast.Snapshot(0, 1, 2), lineage(0)));
  private final StreamingObserver told =
      new StreamingObserver() {
        @Override
        public void batch(String name, int questions, int rows, long computeNanos) {
          batches.incrementAndGet();
        }
      };
  private final Batcher batcher = new Batcher(Batcher.Limits.of(1, 8, 64), Thread::new, told);
  private final Questions questions =
      new Questions(model, batcher, told).reusing(Reuse.cache(1 << 20));

  @AfterEach
  void everythingIsGivenBack() {
    batcher.close();
    model.publication().close();
    assertThat(pool.usedBytes()).isZero();
  }

  @Test
  void withoutBytesForItNothingIsRemembered() {
    var plain = new Questions(model, batcher, told);
    assertThat(plain.reusing(Reuse.NONE)).isSameAs(plain);
    assertThat(plain.remembers()).isFalse();
    assertThat(questions.remembers()).isTrue();
  }

  @Test
  void aPublicationForgetsWhatTheVersionBeforeAnswered() {
    for (int version = 0; version < 5; version++) {
      InferenceResponse first = ask(Terms.Priority.INTERACTIVE);
      assertThat(first.modelVersion()).isEqualTo(Integer.toString(version));
      assertThat(first.parameters()).doesNotContainKey("cached");
      InferenceResponse again = ask(Terms.Priority.INTERACTIVE);
      assertThat(again.modelVersion()).isEqualTo(first.modelVersion());
      assertThat(again.parameters())
          .containsEntry("cached", true)
          .containsEntry("lineage_offset", first.parameters().get("lineage_offset"));
      assertThat(again.outputs().getFirst().floats())
          .isEqualTo(first.outputs().getFirst().floats());
      assertThat(batches).hasValue(version + 1);
      publish(version + 1);
    }
  }

  @Test
  void theSameNumberOfAVersionIsNotTheSameVersion() {
    InferenceResponse first = ask(Terms.Priority.INTERACTIVE);
    publish(0); // as a learner may that took over and went back
    assertThat(ask(Terms.Priority.INTERACTIVE).parameters()).doesNotContainKey("cached");
    assertThat(first.modelVersion()).isEqualTo("0");
    assertThat(batches).hasValue(2);
  }

  @Test
  void recordsOfTopicsAreComputedEachTime() {
    for (int i = 0; i < 3; i++) {
      ask(Terms.Priority.INTERACTIVE);
      assertThat(ask(Terms.Priority.STREAM).parameters()).doesNotContainKey("cached");
    }
    assertThat(batches).hasValue(4);
  }

  @Test
  void noAnswerIsOfAnotherVersionThanItSaysWhilePublicationsGoOn() throws Exception {
    var failure = new AtomicReference<@Nullable Throwable>();
    Thread caller =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    long last = 0;
                    while (last < 2_000) {
                      InferenceResponse answer = ask(Terms.Priority.INTERACTIVE);
                      long version = Long.parseLong(answer.modelVersion());
                      assertThat(version).as("never back").isGreaterThanOrEqualTo(last);
                      assertThat(answer.parameters().get("lineage_offset"))
                          .hasToString(answer.modelVersion());
                      last = version;
                    }
                  } catch (Throwable e) {
                    failure.set(e);
                  }
                });
    for (int version = 1; caller.isAlive(); version++) {
      publish(version);
      Thread.onSpinWait();
    }
    caller.join();
    assertThat(failure.get()).isNull();
  }

  private void publish(long version) {
    model.publication().publish(new RepeatLast.Snapshot(version, 1, 2), lineage(version));
  }

  private static Lineage lineage(long version) {
    return new Lineage("m.requests", 0, 0, version, version, 0, 0);
  }

  private InferenceResponse ask(Terms.Priority priority) {
    PooledMemory memory = pool.open(64);
    var row = new TensorData("window", memory.of(Shape.of(1, 1, 2), 3, 4));
    var request = new InferenceRequest("q", Map.of(), List.of(row), List.of(), memory);
    CompletableFuture<InferenceResponse> answer = questions.ask(request, "q", Terms.of(priority));
    return answer.join();
  }
}
