package dev.nagare.streaming.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.models.online.ModelSnapshot;
import dev.nagare.models.online.RepeatLast;
import dev.nagare.models.online.Signature;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatcherTest {
  private static final int WINDOW = 3;
  private static final int FEATURES = 2;
  private static final Signature SIGNATURE =
      new Signature(WINDOW, FEATURES, "forecast", List.of(FEATURES));
  private static final Lineage LINEAGE = new Lineage("m.requests", 0, 0, 7, 7, 0, 0);

  /** A target that limits no batch, however slow the machine. */
  private static final long ANY_TIME = 1L << 50;

  private final MemoryPool pool = new MemoryPool("requests", 1 << 28);
  private final Map<PublishedModel, Questions> questions = new ConcurrentHashMap<>();

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(pool.usedBytes()).isZero();
  }

  @ParameterizedTest(name = "{0} lanes, batches of {1}, queue of {2}, seed {3}")
  @CsvSource({"1, 8, 64, 1", "2, 8, 64, 2", "2, 64, 1024, 3", "3, 1, 16, 4"})
  void everyCallerGetsTheAnswerToItsOwnRowsOrARefusal(int lanes, int maxBatch, int queue, long seed)
      throws Exception {
    int rounds = System.getProperty("nagare.checks", "verify").equals("verify") ? 2_000 : 40_000;
    var largest = new AtomicInteger();
    var models = List.of(served("a", 1), served("b", 2));
    var answered = new AtomicInteger();
    var refused = new AtomicInteger();
    List<Thread> callers = new ArrayList<>();
    List<Throwable> failures = new java.util.concurrent.CopyOnWriteArrayList<>();
    var told =
        new StreamingObserver() {
          @Override
          public void batch(String model, int questions, int rows, long computeNanos) {
            largest.accumulateAndGet(rows, Math::max);
          }
        };
    try (var batcher = new Batcher(Batcher.Limits.of(lanes, maxBatch, queue), Thread::new, told)) {
      for (int c = 0; c < 3; c++) {
        var random = new Random(seed * 31 + c);
        Runnable caller =
            () -> {
              for (int i = 0; i < rounds; i++) {
                PublishedModel model = models.get(random.nextInt(2));
                int rows = 1 + random.nextInt(Math.min(maxBatch, 4));
                call(batcher, model, rows, random, answered, refused);
              }
            };
        var thread = new Thread(caller);
        thread.setUncaughtExceptionHandler((at, failure) -> failures.add(failure));
        thread.start();
        callers.add(thread);
      }
      for (Thread caller : callers) {
        caller.join();
      }
    }
    assertThat(failures).isEmpty();
    assertThat(answered.get() + refused.get()).isEqualTo(3 * rounds);
    assertThat(answered.get()).isPositive();
    assertThat(largest.get()).isBetween(1, maxBatch);
    models.forEach(model -> model.publication().close());
  }

  private void call(
      Batcher batcher,
      PublishedModel model,
      int rows,
      Random random,
      AtomicInteger answered,
      AtomicInteger refused) {
    float[] values = new float[rows * WINDOW * FEATURES];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat();
    }
    String id = "id" + random.nextInt();
    CompletableFuture<InferenceResponse> asked;
    try {
      asked = ask(batcher, model, values, id);
    } catch (ProtocolException e) {
      assertThat(e.status()).isEqualTo(429);
      refused.incrementAndGet();
      return;
    }
    if (random.nextInt(4) == 0) {
      asked.join();
    }
    var _ =
        asked.thenAccept(
            answer -> {
              assertThat(answer.id()).isEqualTo(id);
              assertThat(answer.modelName()).isEqualTo(model.name());
              assertThat(answer.modelVersion())
                  .isEqualTo(Long.toString(model.publication().peek().snapshot().version()));
              assertThat(answer.parameters()).containsEntry("lineage_offset", 7L);
              assertThat(answer.outputs().getFirst().floats()).isEqualTo(lastRows(values));
              answered.incrementAndGet();
            });
  }

  @Test
  void refusesExactlyWhatIsBeyondTheQueue() throws Exception {
    var gate = new Gate();
    PublishedModel model = gated(gate);
    List<CompletableFuture<InferenceResponse>> accepted = new ArrayList<>();
    try (var batcher =
        new Batcher(Batcher.Limits.of(1, 4, 10), Thread::new, new StreamingObserver() {})) {
      accepted.add(submit(batcher, model, 1));
      gate.awaitEntered(); // the lane is at work on the first: the queue is empty and fills
      for (int i = 0; i < 5; i++) {
        accepted.add(submit(batcher, model, 2));
      }
      assertThat(batcher.waitingRows()).isEqualTo(10);
      assertThatThrownBy(() -> submit(batcher, model, 1))
          .isInstanceOfSatisfying(
              ProtocolException.class, e -> assertThat(e.status()).isEqualTo(429))
          .hasMessage("busy: 10 rows wait, at most 10; try again later");
      gate.open();
    }
    assertThat(accepted)
        .allMatch(CompletableFuture::isDone)
        .noneMatch(CompletableFuture::isCompletedExceptionally);
    model.publication().close();
  }

  private int waiting(PublishedModel model) {
    return Objects.requireNonNull(questions.get(model)).waiting();
  }

  @Test
  void saysHowManyQuestionsOfEachModelWait() throws Exception {
    var gate = new Gate();
    PublishedModel model = gated(gate);
    PublishedModel other = served("other", 1);
    try (var batcher =
        new Batcher(Batcher.Limits.of(1, 1, 100), Thread::new, new StreamingObserver() {})) {
      var first = submit(batcher, model, 1);
      gate.awaitEntered();
      assertThat(waiting(model)).isZero();
      for (int i = 0; i < 20; i++) { // more than a heap begins with
        var _ = submit(batcher, model, 3);
      }
      var _ = ask(batcher, model, new float[WINDOW * FEATURES], "record", Terms.Priority.STREAM);
      var last = submit(batcher, other, 2);
      assertThat(waiting(model)).isEqualTo(21);
      assertThat(waiting(other)).isEqualTo(1);
      batcher.giveUpInteractive();
      assertThat(waiting(model)).isEqualTo(1);
      assertThat(waiting(other)).isZero();
      assertThat(last).isCompletedExceptionally();
      gate.open();
      first.join();
    }
    assertThat(waiting(model)).isZero();
    model.publication().close();
    other.publication().close();
  }

  @Test
  void takesWhatWaitsInOrderAndInBatchesThatFit() throws Exception {
    var gate = new Gate();
    PublishedModel model = gated(gate);
    List<Integer> batches = new ArrayList<>();
    List<Integer> order = new java.util.concurrent.CopyOnWriteArrayList<>();
    var told =
        new StreamingObserver() {
          @Override
          public void batch(String name, int questions, int rows, long computeNanos) {
            batches.add(rows);
          }
        };
    try (var batcher = new Batcher(new Batcher.Limits(1, 4, 100, ANY_TIME), Thread::new, told)) {
      var first = submit(batcher, model, 1);
      gate.awaitEntered();
      // 3 + 3 do not fit in 4; 9 comes alone though it is larger; 2 + 2 fit.
      int[] sizes = {3, 3, 9, 2, 2};
      for (int i = 0; i < sizes.length; i++) {
        int at = i;
        var _ = submit(batcher, model, sizes[i]).thenRun(() -> order.add(at));
      }
      gate.open();
      first.join();
    }
    assertThat(batches).containsExactly(1, 3, 3, 9, 4);
    assertThat(order).containsExactly(0, 1, 2, 3, 4);
    model.publication().close();
  }

  @Test
  void aBatchThatFailsFailsItsCallersAndNotTheLane() {
    PublishedModel model = served("m", 1);
    try (var batcher =
        new Batcher(Batcher.Limits.of(1, 4, 10), Thread::new, new StreamingObserver() {})) {
      float[] bad = new float[WINDOW * FEATURES];
      java.util.Arrays.fill(bad, Float.MAX_VALUE);
      var asked = ask(batcher, model, bad, "bad");
      assertThatThrownBy(asked::join).hasRootCauseMessage("a window that fails");
      assertThat(submit(batcher, model, 2).join().outputs()).hasSize(1);
    }
    model.publication().close();
  }

  @Test
  void answersWhatItAcceptedAndRefusesTheRestWhenItCloses() throws Exception {
    var gate = new Gate();
    PublishedModel model = gated(gate);
    var batcher = new Batcher(Batcher.Limits.of(2, 1, 50), Thread::new, new StreamingObserver() {});
    List<CompletableFuture<InferenceResponse>> accepted = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      accepted.add(submit(batcher, model, 1));
    }
    gate.awaitEntered();
    var closing = new Thread(batcher::close);
    closing.start();
    org.awaitility.Awaitility.await().until(() -> isRefused503(batcher, model));
    assertThatThrownBy(() -> submit(batcher, model, 1)).hasMessage("the server is stopping");
    gate.open();
    closing.join();
    assertThat(accepted)
        .allMatch(CompletableFuture::isDone)
        .noneMatch(CompletableFuture::isCompletedExceptionally);
    model.publication().close();
  }

  @Test
  void aDrainWithoutTimeLeftGivesUpWhatCallersWaitForAndNothingElse() throws Exception {
    var gate = new Gate();
    PublishedModel model = gated(gate);
    List<String> reasons = new java.util.concurrent.CopyOnWriteArrayList<>();
    var told =
        new StreamingObserver() {
          @Override
          public void refused(String name, String reason) {
            reasons.add(reason);
          }
        };
    CompletableFuture<InferenceResponse> begun;
    List<CompletableFuture<InferenceResponse>> waiting = new ArrayList<>();
    CompletableFuture<InferenceResponse> record;
    try (var batcher = new Batcher(Batcher.Limits.of(1, 1, 50), Thread::new, told)) {
      begun = submit(batcher, model, 1);
      gate.awaitEntered();
      for (int i = 0; i < 20; i++) {
        waiting.add(submit(batcher, model, 1));
      }
      record = ask(batcher, model, new float[WINDOW * FEATURES], "r", Terms.Priority.STREAM);

      batcher.giveUpInteractive();

      assertThat(waiting)
          .allSatisfy(
              asked ->
                  assertThatThrownBy(asked::join)
                      .hasRootCauseInstanceOf(ProtocolException.class)
                      .hasRootCauseMessage("the server is stopping"));
      assertThat(reasons).hasSize(20).containsOnly("not-ready");
      assertThat(batcher.waitingRows()).isEqualTo(1);
      assertThatThrownBy(() -> submit(batcher, model, 1)).hasMessage("the server is stopping");
      assertThat(begun).isNotDone();
      gate.open();
    }
    assertThat(begun.join().id()).isEqualTo("q");
    assertThat(record.join().id()).isEqualTo("r");
    model.publication().close();
  }

  private boolean isRefused503(Batcher batcher, PublishedModel model) {
    try {
      // As many rows as the queue has, while 18 or more wait: refused in either case.
      var _ = submit(batcher, model, 50);
      return false;
    } catch (ProtocolException e) {
      return e.status() == 503;
    }
  }

  @Test
  void neverMixesVersionsWhilePublicationsGoOn() throws Exception {
    int before = RepeatLast.LEASES.get();
    PublishedModel model = served("m", 0);
    try (var batcher =
        new Batcher(Batcher.Limits.of(2, 8, 64), Thread::new, new StreamingObserver() {})) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int version = 1; version <= 2_000; version++) {
        model
            .publication()
            .publish(
                new RepeatLast.Snapshot(version, WINDOW, FEATURES),
                new Lineage("m.requests", 0, 0, version, version, 0, 0));
        if (batcher.waitingRows() < 60) {
          answers.add(submit(batcher, model, 1));
        }
      }
      for (var answer : answers) {
        InferenceResponse response = answer.get(10, TimeUnit.SECONDS);
        assertThat(response.parameters().get("lineage_offset"))
            .hasToString(response.modelVersion());
      }
    }
    model.publication().close();
    assertThat(RepeatLast.LEASES.get()).isEqualTo(before);
  }

  private CompletableFuture<InferenceResponse> submit(
      Batcher batcher, PublishedModel model, int rows) {
    return ask(batcher, model, new float[rows * WINDOW * FEATURES], "q");
  }

  private CompletableFuture<InferenceResponse> ask(
      Batcher batcher, PublishedModel model, float[] values, String id) {
    return ask(batcher, model, values, id, Terms.Priority.INTERACTIVE);
  }

  private CompletableFuture<InferenceResponse> ask(
      Batcher batcher, PublishedModel model, float[] values, String id, Terms.Priority priority) {
    PooledMemory memory = pool.open(4L * values.length);
    Tensor windows =
        memory.of(Shape.of(values.length / (WINDOW * FEATURES), WINDOW, FEATURES), values);
    var request =
        new InferenceRequest(
            id, Map.of(), List.of(new TensorData("window", windows)), List.of(), memory);
    Questions to =
        questions.computeIfAbsent(
            model, any -> new Questions(model, batcher, new StreamingObserver() {}));
    try {
      return to.ask(request, id, Terms.of(priority));
    } catch (ProtocolException e) {
      request.close();
      throw e;
    }
  }

  private static float[] lastRows(float[] values) {
    float[] last = new float[values.length / WINDOW];
    for (int row = 0; row * FEATURES < last.length; row++) {
      System.arraycopy(
          values, (row * WINDOW + WINDOW - 1) * FEATURES, last, row * FEATURES, FEATURES);
    }
    return last;
  }

  private static PublishedModel served(String name, long version) {
    return new PublishedModel(
        name,
        SIGNATURE,
        new Publication(new RepeatLast.Snapshot(version, WINDOW, FEATURES), LINEAGE));
  }

  private static PublishedModel gated(Gate gate) {
    return new PublishedModel("m", SIGNATURE, new Publication(gate, LINEAGE));
  }

  /** A snapshot whose first forecasts wait until the test says so. */
  private static final class Gate implements ModelSnapshot {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);

    void awaitEntered() throws InterruptedException {
      entered.await();
    }

    void open() {
      opened.countDown();
    }

    @Override
    public long version() {
      return 1;
    }

    @Override
    public Signature signature() {
      return SIGNATURE;
    }

    @Override
    public void answer(Tensor windows, Tensor forecasts, Scope scope) {
      assertThat(windows.dtype()).isEqualTo(DType.F32);
      entered.countDown();
      try {
        opened.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public boolean retain() {
      return true;
    }

    @Override
    public void release() {}
  }
}
