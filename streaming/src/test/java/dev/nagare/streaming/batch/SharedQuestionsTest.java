package dev.nagare.streaming.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.Dim;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.Processing;
import dev.nagare.models.repository.Reuse;
import dev.nagare.streaming.AnswerShare;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Callers who ask a model the same at the same time. */
@Timeout(60)
class SharedQuestionsTest {
  private final MemoryPool pool = new MemoryPool("requests", 1 << 24);
  private final ProtocolJson json = new ProtocolJson(pool);
  private final AtomicInteger shared = new AtomicInteger();
  private final StreamingObserver told =
      new StreamingObserver() {
        @Override
        public void shared(String model) {
          shared.incrementAndGet();
        }
      };
  private final Twice twice = new Twice();
  private final LoadedModel model = new LoadedModel("twice", 3, twice, Processing.NONE);

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(pool.usedBytes()).isZero();
    model.close();
  }

  @Test
  void whatIsInTheQueueIsComputedOnceAndTakesRoomForEachAnswer() {
    var gate = new CountDownLatch(1);
    twice.gate = gate;
    var budget = new ByteBudget(16, who -> {});
    var share = new AnswerShare(budget, 16, () -> {});
    List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
    List<Terms> all = new ArrayList<>();
    try (var batcher = new Batcher(Batcher.Limits.of(1, 8, 100), Thread::new, told)) {
      var to = new Questions(model, batcher, told).reusing(new Reuse(0, true));
      assertThat(to.remembers()).isFalse();
      for (int i = 0; i < 4; i++) {
        Terms terms = Terms.of(Terms.Priority.INTERACTIVE).answer(AnswerForm.BINARY, share);
        all.add(terms);
        answers.add(ask(to, 7, "caller " + i, terms));
      }
      assertThat(budget.taken()).isEqualTo(4 * Float.BYTES);
      InferenceRequest fifth = request(7);
      assertThatThrownBy(() -> to.ask(fifth, "fifth", all.getFirst()))
          .isInstanceOfSatisfying(
              ProtocolException.class, e -> assertThat(e.status()).isEqualTo(429));
      fifth.close();
      gate.countDown();
      for (int i = 0; i < 4; i++) {
        assertThat(answers.get(i).join().id()).isEqualTo("caller " + i);
        assertThat(answers.get(i).join().outputs().getFirst().floats()).containsExactly(14);
      }
    }
    assertThat(twice.computed).hasValue(1);
    assertThat(shared).hasValue(3);
    all.forEach(Terms::sent);
    assertThat(budget.taken()).isZero();
  }

  @ParameterizedTest(name = "{0} lanes, seed {1}, cache {2}")
  @CsvSource({"1, 1, 0", "2, 2, 0", "2, 3, 65536"})
  void everyCallerGetsItsOwnAnswerOrItsOwnEnd(int lanes, long seed, long cacheBytes)
      throws Exception {
    int rounds = System.getProperty("nagare.checks", "verify").equals("verify") ? 3_000 : 60_000;
    var answered = new AtomicInteger();
    var ended = new AtomicInteger();
    var wrong = new ConcurrentLinkedQueue<String>();
    try (var batcher = new Batcher(Batcher.Limits.of(lanes, 4, 64), Thread::new, told)) {
      var to = new Questions(model, batcher, told).reusing(new Reuse(cacheBytes, true));
      List<Thread> callers = new ArrayList<>();
      for (int c = 0; c < 3; c++) {
        var random = new Random(seed * 31 + c);
        callers.add(
            Thread.ofPlatform()
                .start(
                    () -> {
                      List<CompletableFuture<?>> open = new ArrayList<>();
                      for (int i = 0; i < rounds; i++) {
                        open.add(once(to, random, answered, ended, wrong));
                        if (open.size() == 16) {
                          open.forEach(SharedQuestionsTest::await);
                          open.clear();
                        }
                      }
                      open.forEach(SharedQuestionsTest::await);
                    }));
      }
      for (Thread caller : callers) {
        caller.join();
      }
    }
    System.out.printf(
        "seed %d: %d answered, %d ended, %d shared, %d computed%n",
        seed, answered.get(), ended.get(), shared.get(), twice.computed.get());
    assertThat(wrong).as("seed %s", seed).isEmpty();
    assertThat(answered.get() + ended.get()).isEqualTo(3 * rounds);
    assertThat(answered).as("seed %s", seed).hasPositiveValue();
  }

  /** One request of a few that are all asked again and again; some leave, some have deadlines. */
  private CompletableFuture<?> once(
      Questions to,
      Random random,
      AtomicInteger answered,
      AtomicInteger ended,
      ConcurrentLinkedQueue<String> wrong) {
    int value = random.nextInt(4) - 1; // -1 is what the model does not take
    int urgency = random.nextInt(3);
    Terms terms =
        random.nextInt(3) == 0
            ? Terms.until(
                Terms.Priority.INTERACTIVE,
                urgency,
                System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(random.nextInt(20_000)))
            : Terms.of(Terms.Priority.INTERACTIVE, urgency);
    boolean leaves = random.nextInt(4) == 0;
    InferenceRequest request = request(value);
    CompletableFuture<InferenceResponse> answer;
    try {
      answer = to.ask(request, "of " + value, terms);
    } catch (ProtocolException refused) {
      request.close();
      ended.incrementAndGet();
      return CompletableFuture.completedFuture(null);
    }
    if (leaves) {
      terms.leave();
    }
    return answer.handle(
        (response, thrown) -> {
          if (response != null) {
            answered.incrementAndGet();
            float got = response.outputs().getFirst().floats()[0];
            if (value < 0 || got != 2 * value || !("of " + value).equals(response.id())) {
              wrong.add(value + " got " + response);
            }
          } else {
            ended.incrementAndGet();
            Throwable cause = thrown instanceof CompletionException e ? e.getCause() : thrown;
            int status = cause instanceof ProtocolException e ? e.status() : 0;
            boolean own =
                status == 429
                    || (status == 400 && value < 0)
                    || (status == 499 && leaves)
                    || (status == 504 && terms.limited());
            if (!own) {
              wrong.add(value + " ended with " + thrown);
            }
          }
          return null;
        });
  }

  private static void await(CompletableFuture<?> open) {
    open.join();
  }

  private CompletableFuture<InferenceResponse> ask(
      Questions to, int value, String id, Terms terms) {
    return to.ask(request(value), id, terms);
  }

  private InferenceRequest request(int value) {
    String text =
        "{\"inputs\": [{\"name\": \"x\", \"datatype\": \"FP32\", \"shape\": [1, 1], \"data\": [%d]}]}"
            .formatted(value);
    return json.decode(text.getBytes(UTF_8));
  }

  /** Answers twice of what it is asked. */
  private static final class Twice implements InferenceModel {
    private static final TensorSpec X =
        new TensorSpec("x", DType.F32, List.of(Dim.named("n"), Dim.of(1)));
    private final AtomicInteger computed = new AtomicInteger();
    private volatile @Nullable CountDownLatch gate;

    @Override
    public String platform() {
      return "test";
    }

    @Override
    public List<TensorSpec> inputs() {
      return List.of(X);
    }

    @Override
    public List<TensorSpec> outputs() {
      return List.of(X);
    }

    @Override
    public Size size(List<Tensor> inputs) {
      return new Size(1, 1, "rows");
    }

    @Override
    public Session open() {
      var memory = new ProcessMemory("twice");
      return new Session() {
        @Override
        public List<List<Tensor>> run(List<List<Tensor>> questions) {
          CountDownLatch waits = gate;
          if (waits != null) {
            try {
              waits.await();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
          List<List<Tensor>> answers = new ArrayList<>();
          for (List<Tensor> inputs : questions) {
            if (inputs.getFirst().get(0) < 0) {
              throw TensorException.mismatch("negative");
            }
            computed.incrementAndGet();
            Tensor twice = memory.copyOf(inputs.getFirst());
            twice.set(0, 2 * twice.get(0));
            answers.add(List.of(twice));
          }
          return answers;
        }

        @Override
        public void close() {
          memory.close();
        }
      };
    }

    @Override
    public void close() {}
  }
}
