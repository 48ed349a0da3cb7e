package dev.nagare.streaming.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.models.inference.InferenceModel.Size;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.Terms.Priority;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.tensor.MemoryPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the batcher lets in, when, and what becomes of it. */
class AdmissionTest {
  private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  /** No machine is so slow that a deadline so far away passes in a test. */
  private static final long FAR = 100_000 * SECOND;

  private final MemoryPool pool = new MemoryPool("requests", 1 << 28);
  private final Map<String, AtomicInteger> refused = new ConcurrentSkipListMap<>();
  private final StreamingObserver told =
      new StreamingObserver() {
        @Override
        public void refused(String model, String reason) {
          refused.computeIfAbsent(reason, any -> new AtomicInteger()).incrementAndGet();
        }
      };

  @AfterEach
  void everythingIsGivenBack() {
    assertThat(pool.usedBytes()).isZero();
  }

  @Test
  void aDeadlineFiresWhileEveryLaneIsBusy() throws Exception {
    var time = new AtomicLong();
    var limits = Batcher.Limits.of(1, 4, 10);
    try (var batcher = new Batcher(limits, Thread::new, told, time::get);
        var model = new Gated("m")) {
      var to = new Questions(model, batcher, told);
      var running = ask(to, 1, Terms.of(Priority.INTERACTIVE));
      model.entered.await();
      var staying = ask(to, 2, Terms.of(Priority.INTERACTIVE));
      var later = ask(to, 1, Terms.until(Priority.STREAM, 0, 900 * MILLI));
      var waiting = ask(to, 3, Terms.until(Priority.INTERACTIVE, 0, 50 * MILLI));
      time.set(50 * MILLI);

      assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
          .hasCauseInstanceOf(ProtocolException.class)
          .hasMessageContaining("the deadline passed in the queue, after ");

      assertThat(statusOf(waiting)).isEqualTo(504);
      assertThat(running).isNotDone(); // the lane is still at it
      assertThat(later).isNotDone(); // not yet
      assertThat(batcher.waitingRows()).isEqualTo(3);
      model.opened.countDown();
      assertThat(staying.get(60, TimeUnit.SECONDS).modelName()).isEqualTo("m");
      later.get(60, TimeUnit.SECONDS);
      assertThat(batcher.waitingNanos()).isZero();
      assertThat(model.rows).containsExactly(1, 2, 1); // what was given up was not computed
    }
    assertThat(refused).hasToString("{deadline-passed=1}");
  }

  @Test
  void aCallerWhoLeavesGivesItsPlaceAndMemoryBackAtOnce() throws Exception {
    try (var batcher = new Batcher(Batcher.Limits.of(1, 4, 10), Thread::new, told);
        var model = new Gated("m")) {
      var to = new Questions(model, batcher, told);
      Terms atWork = Terms.of(Priority.INTERACTIVE);
      var running = ask(to, 1, atWork);
      model.entered.await();
      long before = pool.usedBytes();
      Terms leaving = Terms.of(Priority.INTERACTIVE);
      var left = ask(to, 10, leaving);
      assertThat(batcher.waitingRows()).isEqualTo(10);
      assertThat(pool.usedBytes()).isGreaterThan(before);

      leaving.leave();
      atWork.leave(); // too late: the lane has it

      assertThat(statusOf(left)).isEqualTo(499);
      assertThat(batcher.waitingRows()).isZero();
      assertThat(batcher.waitingNanos()).isZero();
      assertThat(pool.usedBytes()).isEqualTo(before);
      var next = ask(to, 10, Terms.of(Priority.INTERACTIVE)); // there is room again
      model.opened.countDown();
      next.get(60, TimeUnit.SECONDS);
      running.get(60, TimeUnit.SECONDS);
      assertThat(model.rows).containsExactly(1, 10);
    }
    assertThat(refused).hasToString("{cancelled=1}");
  }

  @Test
  void manyWhoLeaveNeverFillTheQueue() throws Exception {
    try (var batcher = new Batcher(Batcher.Limits.of(1, 4, 4), Thread::new, told);
        var model = new Gated("m")) {
      var to = new Questions(model, batcher, told);
      var running = ask(to, 1, Terms.of(Priority.INTERACTIVE));
      model.entered.await();
      for (int i = 0; i < 3_000; i++) {
        Terms terms = Terms.until(Priority.INTERACTIVE, 0, System.nanoTime() + FAR);
        var left = askPatiently(to, terms);
        terms.leave();
        assertThat(left).isCompletedExceptionally();
      }
      model.opened.countDown();
      running.get(60, TimeUnit.SECONDS);
      assertThat(model.rows).containsExactly(1);
    }
  }

  /** Tries again while the one thread that could make room is not running; but not for ever. */
  private CompletableFuture<InferenceResponse> askPatiently(Questions to, Terms terms) {
    for (int tries = 0; ; tries++) {
      try {
        return ask(to, 4, terms);
      } catch (ProtocolException e) {
        assertThat(tries).isLessThan(100_000);
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void nobodyIsTurnedAwayForWhatTheFirstBatchesTook() throws Exception {
    var limits = new Batcher.Limits(1, 1, 25, 100 * MILLI);
    try (var batcher = new Batcher(limits, Thread::new, told, () -> 0); // no time passes
        var model = new Gated("m")) {
      var to = new Questions(model, batcher, told);
      var running = ask(to, 1, Terms.of(Priority.INTERACTIVE));
      model.entered.await();
      List<CompletableFuture<InferenceResponse>> waiting = new ArrayList<>();
      for (int batch = 0; batch < 7; batch++) {
        to.line().ran(1, SECOND, FAR);
        for (int i = 0; i < 3; i++) {
          waiting.add(ask(to, 1, Terms.of(Priority.INTERACTIVE)));
        }
      }
      to.line().ran(1, SECOND, FAR); // the eighth: now it is believed
      assertThatThrownBy(() -> ask(to, 1, Terms.of(Priority.INTERACTIVE)))
          .hasMessageContaining("which is over the target of 100 ms");
      assertThat(refused).hasToString("{over-target=1}");
      model.opened.countDown();
      running.get(60, TimeUnit.SECONDS);
      for (var answer : waiting) {
        answer.get(60, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void refusesAtTheDoorWhatWouldComeTooLate() throws Exception {
    var limits = new Batcher.Limits(1, 4, 25, 100 * MILLI);
    try (var batcher = new Batcher(limits, Thread::new, told, () -> 0); // no time passes
        var model = new Gated("m")) {
      var to = new Questions(model, batcher, told);
      var running = ask(to, 1, Terms.of(Priority.INTERACTIVE));
      model.entered.await();
      costs(to, 10 * MILLI);
      List<CompletableFuture<InferenceResponse>> waiting = new ArrayList<>();
      for (int i = 0; i < 9; i++) {
        waiting.add(ask(to, 2, Terms.until(Priority.INTERACTIVE, 0, 230 * MILLI)));
      }

      // 180 ms are ahead of it, and 40 for a batch that is full; an eighth is for what nobody
      // knows.
      refuses(to, 1, 231 * MILLI, 429, 17, "an answer would take about 22");
      // It goes before them.
      waiting.add(ask(to, 1, Terms.until(Priority.INTERACTIVE, 0, 100 * MILLI)));
      // It alone takes 30 ms.
      refuses(to, 3, 20 * MILLI, 429, 0, "model m needs 3");
      refuses(to, 1, -1, 504, 0, "the deadline passed before the door");
      assertThat(refused).hasToString("{deadline-at-door=2, deadline-passed=1}");
      assertThatThrownBy(() -> ask(to, 1, Terms.of(Priority.INTERACTIVE)))
          .hasMessageContaining("which is over the target of 100 ms (compute.target-p99-ms)");
      assertThat(refused.get("over-target")).hasValue(1);
      // Streams and learning have no target; full is full.
      waiting.add(ask(to, 25, Terms.of(Priority.STREAM)));
      assertThatThrownBy(() -> ask(to, 1, Terms.of(Priority.STREAM)))
          .isInstanceOfSatisfying(
              ProtocolException.class, e -> assertThat(e.retryAfterMillis()).isBetween(420L, 460L))
          .hasMessage("busy: 25 rows wait, at most 25; try again later");
      assertThat(refused.get("queue-full")).hasValue(1);
      model.opened.countDown();
      for (var answer : waiting) {
        answer.get(60, TimeUnit.SECONDS);
      }
      running.get(60, TimeUnit.SECONDS);
      assertThat(batcher.waitingNanos()).isZero();
    }
  }

  @Test
  void withNobodyElseWaitingItIsTheOwnRunThatHasToFit() throws Exception {
    try (var batcher = new Batcher(Batcher.Limits.of(1, 4, 25), Thread::new, told, () -> 0);
        var model = new Gated("m")) {
      var to = new Questions(model, batcher, told);
      costs(to, 10 * MILLI);
      var running = ask(to, 4, Terms.of(Priority.INTERACTIVE)); // 40 ms
      model.entered.await();
      // 40 ms and 10 of 56; with another of its like it would be 60, but nobody is there.
      var first = ask(to, 1, Terms.until(Priority.INTERACTIVE, 0, 64 * MILLI));
      refuses(to, 1, 64 * MILLI, 429, 14, "would take about 7");
      model.opened.countDown();
      first.get(60, TimeUnit.SECONDS);
      running.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void whoeverFitsIsLetInWhileNothingRunsAndToldThatWaitingDoesNotHelpIfHeDoesNot()
      throws Exception {
    try (var batcher = new Batcher(Batcher.Limits.of(1, 4, 25), Thread::new, told, () -> 0);
        var model = new Gated("m")) {
      model.opened.countDown();
      var to = new Questions(model, batcher, told);
      costs(to, 90 * MILLI);
      refuses(to, 1, 89 * MILLI, 429, 0, "too late: model m needs 90 ms for it");
      var fits = ask(to, 1, Terms.until(Priority.INTERACTIVE, 0, 100 * MILLI));
      assertThat(fits.get(60, TimeUnit.SECONDS).modelName()).isEqualTo("m");
    }
  }

  @Test
  void aModelWhoseBatchesCostMuchHoweverSmallTakesMoreThanOne() throws Exception {
    try (var batcher = new Batcher(Batcher.Limits.of(1, 64, 64), Thread::new, told, () -> 0);
        var model = new Gated("m")) {
      var to = new Questions(model, batcher, told);
      var running = ask(to, 1, Terms.of(Priority.INTERACTIVE));
      model.entered.await();
      for (int i = 0; i < 300; i++) {
        to.line().ran(1 + i % 4, 45 * MILLI + (1 + i % 4) * MILLI, FAR);
      }
      List<CompletableFuture<InferenceResponse>> waiting = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        waiting.add(ask(to, 1, Terms.until(Priority.INTERACTIVE, 0, 100 * MILLI)));
      }
      model.opened.countDown();
      for (var answer : waiting) {
        answer.get(60, TimeUnit.SECONDS);
      }
      running.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void triesOutWhatItKnowsWhenNothingHasRunForAWhile() throws Exception {
    try (var batcher = new Batcher(Batcher.Limits.of(1, 4, 25), Thread::new, told);
        var model = new Gated("m")) {
      model.opened.countDown();
      var to = new Questions(model, batcher, told);
      for (int i = 0; i < 20; i++) {
        to.line().ran(1, 1_000 * SECOND, -FAR); // wrong, and long ago
      }
      Terms terms = Terms.until(Priority.INTERACTIVE, 0, in(500 * SECOND));
      assertThat(ask(to, 1, terms).get(60, TimeUnit.SECONDS).modelName()).isEqualTo("m");
      org.awaitility.Awaitility.await()
          .until(() -> to.line().cost().nanos(1) < 500 * SECOND || asksWell(to));
    }
  }

  /** Another answer is another lesson. */
  private boolean asksWell(Questions to) throws Exception {
    ask(to, 1, Terms.of(Priority.INTERACTIVE)).get(60, TimeUnit.SECONDS);
    return false;
  }

  @Test
  void theEarliestDeadlineGoesFirstAndInteractiveBeforeStreams() throws Exception {
    try (var batcher = new Batcher(Batcher.Limits.of(1, 1, 25), Thread::new, told);
        var model = new Gated("m")) {
      var to = new Questions(model, batcher, told);
      var running = ask(to, 1, Terms.of(Priority.INTERACTIVE));
      model.entered.await();
      List<String> order = new CopyOnWriteArrayList<>();
      note(order, "learning", ask(to, 1, Terms.of(Priority.LEARNING)));
      note(order, "stream", ask(to, 1, Terms.of(Priority.STREAM)));
      note(order, "late", ask(to, 1, Terms.until(Priority.INTERACTIVE, 0, in(FAR))));
      note(order, "usual", ask(to, 1, Terms.of(Priority.INTERACTIVE)));
      note(order, "usual too", ask(to, 1, Terms.of(Priority.INTERACTIVE)));
      note(order, "urgent", ask(to, 1, Terms.until(Priority.INTERACTIVE, 1, in(FAR))));
      note(order, "later", ask(to, 1, Terms.of(Priority.INTERACTIVE, 2)));
      model.opened.countDown();
      running.get(60, TimeUnit.SECONDS);
      org.awaitility.Awaitility.await().until(() -> order.size() == 7);
      order.removeAll(List.of("stream", "learning")); // when these have their share is Schedule's
      assertThat(order).containsExactly("urgent", "usual", "usual too", "late", "later");
    }
  }

  private static void note(
      List<String> order, String name, CompletableFuture<InferenceResponse> answer) {
    var _ = answer.thenRun(() -> order.add(name));
  }

  @ParameterizedTest(name = "{0} lanes, {1} doors, queue of {2}, seed {3}")
  @CsvSource({"1, 2, 16, 1", "3, 4, 64, 2", "2, 6, 1024, 3"})
  void everyQuestionEndsOnceWhateverDoorsLanesAndDeadlinesDo(
      int lanes, int doors, int queueRows, long seed) throws Exception {
    int rounds = System.getProperty("nagare.checks", "verify").equals("verify") ? 1_000 : 30_000;
    List<CompletableFuture<InferenceResponse>> answers = new CopyOnWriteArrayList<>();
    List<Throwable> failures = new CopyOnWriteArrayList<>();
    var turnedAway = new AtomicInteger();
    var computed = new AtomicLong();
    var batcher = new Batcher(Batcher.Limits.of(lanes, 8, queueRows), Thread::new, told);
    var to =
        List.of(
            new Questions(new Checked("a", computed), batcher, told),
            new Questions(new Checked("b", computed), batcher, told));
    List<Thread> callers = new ArrayList<>();
    List<List<CompletableFuture<InferenceResponse>>> asked = new ArrayList<>();
    for (int d = 0; d < doors; d++) {
      var random = new Random(seed * 97 + d);
      List<CompletableFuture<InferenceResponse>> mine = new ArrayList<>();
      asked.add(mine);
      var caller =
          new Thread(
              () -> {
                for (int i = 0; i < rounds; i++) {
                  Terms terms = terms(random);
                  try {
                    var answer = ask(to.get(random.nextInt(2)), 1 + random.nextInt(4), terms);
                    mine.add(answer);
                    if (random.nextInt(4) == 0) {
                      terms.leave();
                    } else if (random.nextInt(8) == 0) {
                      var _ = answer.handle((ok, gone) -> 0).join();
                    }
                  } catch (ProtocolException e) {
                    assertThat(e.status()).isIn(429, 504);
                    turnedAway.incrementAndGet();
                  }
                }
              });
      caller.setUncaughtExceptionHandler((at, failure) -> failures.add(failure));
      caller.start();
      callers.add(caller);
    }
    for (Thread caller : callers) {
      caller.join();
    }
    batcher.close();
    asked.forEach(answers::addAll);
    assertThat(failures).isEmpty();
    assertThat(answers).allMatch(CompletableFuture::isDone);
    Map<Integer, Integer> ends = new ConcurrentHashMap<>();
    answers.forEach(answer -> ends.merge(statusOf(answer), 1, Integer::sum));
    System.out.printf(
        "seed %d: %d turned away, others %s, %s%n", seed, turnedAway.get(), ends, refused);
    assertThat(answers.size() + turnedAway.get()).isEqualTo(doors * rounds);
    assertThat(ends.keySet()).isSubsetOf(200, 499, 504);
    int answered = ends.getOrDefault(200, 0);
    assertThat(answered).isPositive();
    assertThat(computed.get()).isEqualTo(answered); // none twice, none in vain
    assertThat(refused.values().stream().mapToInt(AtomicInteger::get).sum())
        .isEqualTo(doors * rounds - answered);
    assertThat(batcher.waitingRows()).isZero();
    assertThat(batcher.waitingNanos()).isZero();
  }

  private static Terms terms(Random random) {
    Priority priority =
        List.of(Priority.INTERACTIVE, Priority.STREAM, Priority.LEARNING).get(random.nextInt(3));
    int urgency = random.nextInt(3);
    return switch (random.nextInt(4)) {
      case 0 -> Terms.until(priority, urgency, System.nanoTime() + random.nextInt(200_000));
      case 1 -> Terms.until(priority, urgency, System.nanoTime() + random.nextInt(20_000_000));
      default -> Terms.of(priority, urgency);
    };
  }

  private static long in(long nanos) {
    return System.nanoTime() + nanos;
  }

  /** Makes a row cost so much, as if it were measured just now and for a long time. */
  private static void costs(Questions to, long rowNanos) {
    for (int i = 0; i < 300; i++) {
      to.line().ran(1 + i % 4, (1 + i % 4) * rowNanos, FAR);
    }
  }

  private void refuses(
      Questions to, int rows, long deadline, int status, long retryAfterMillis, String message) {
    assertThatThrownBy(() -> ask(to, rows, Terms.until(Priority.INTERACTIVE, 0, deadline)))
        .isInstanceOfSatisfying(
            ProtocolException.class,
            e -> {
              assertThat(e.status()).isEqualTo(status);
              // With some slack for the time that the test itself takes.
              assertThat(e.retryAfterMillis()).isBetween(retryAfterMillis, 2 * retryAfterMillis);
            })
        .hasMessageContaining(message);
  }

  private static int statusOf(CompletableFuture<InferenceResponse> answer) {
    try {
      answer.join();
      return 200;
    } catch (CompletionException e) {
      return e.getCause() instanceof ProtocolException refusal ? refusal.status() : 500;
    }
  }

  private CompletableFuture<InferenceResponse> ask(Questions to, int rows, Terms terms) {
    var request =
        new InferenceRequest(
            null, Map.of("rows", rows), List.of(), List.of(), pool.open(1024L * rows));
    try {
      return to.ask(request, null, terms);
    } catch (ProtocolException e) {
      request.close();
      throw e;
    }
  }

  /** A model whose questions say how many rows they have. */
  private abstract static class Rows implements ServedModel {
    private final String name;

    Rows(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public ModelMetadata metadata() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Question question(InferenceRequest request, @Nullable String id, int most) {
      int rows = (int) Objects.requireNonNull(request.parameters().get("rows"));
      return new Question(this, List.of(), new Size(rows, rows, "rows"), id, request);
    }

    @Override
    public long answerBytes(Question question, AnswerForm form) {
      return question.rows();
    }

    InferenceResponse answer() {
      return new InferenceResponse(name, "1", null, Map.of(), List.of());
    }
  }

  /** Waits, at its first batch, until the test says so. */
  private static final class Gated extends Rows implements AutoCloseable {
    private final CountDownLatch entered = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);
    private final List<Integer> rows = new CopyOnWriteArrayList<>();

    Gated(String name) {
      super(name);
    }

    /** Holds nobody up any more. */
    @Override
    public void close() {
      opened.countDown();
    }

    @Override
    public void answer(List<Question> batch, LaneMemory memory) {
      rows.add(batch.stream().mapToInt(Question::rows).sum());
      entered.countDown();
      try {
        opened.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      batch.forEach(
          question -> {
            question.release();
            question.answer().complete(answer());
          });
    }
  }

  /** Checks what a lane gets, and takes a while. */
  private static final class Checked extends Rows {
    private final AtomicLong computed;

    Checked(String name, AtomicLong computed) {
      super(name);
      this.computed = computed;
    }

    @Override
    public void answer(List<Question> batch, LaneMemory memory) {
      assertThat(batch.stream().mapToInt(Question::rows).sum()).isBetween(1, 8);
      assertThat(batch).allMatch(question -> question.model() == this);
      assertThat(batch.stream().map(Question::priority).distinct()).hasSize(1);
      for (int i = 0; i < 2_000; i++) {
        Thread.onSpinWait();
      }
      batch.forEach(
          question -> {
            question.release();
            if (question.answer().complete(answer())) {
              computed.incrementAndGet();
            }
          });
    }
  }
}
