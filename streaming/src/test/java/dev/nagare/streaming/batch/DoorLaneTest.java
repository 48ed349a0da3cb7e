package dev.nagare.streaming.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.models.inference.InferenceModel.Size;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.Terms.Priority;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.tensor.MemoryPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the doors' thread, which is that of the test, computes by itself. */
class DoorLaneTest {
  private static final long QUICK = 1_000;
  private static final long SLOW = TimeUnit.MILLISECONDS.toNanos(5);

  private final MemoryPool pool = new MemoryPool("requests", 1 << 28);
  private final StreamingObserver told = new StreamingObserver() {};
  private final Queue<Runnable> afterwards = new ConcurrentLinkedQueue<>();
  private final AtomicLong clock = new AtomicLong();

  @AfterEach
  void everythingIsGivenBack() {
    afterwards.forEach(Runnable::run);
    assertThat(pool.usedBytes()).isZero();
  }

  @Test
  void whatIsQuicklyDoneIsAnsweredByTheDoorsThreadInOneBatch() throws Exception {
    var model = new Noting();
    try (Batcher batcher = lent();
        Held _ = keepTheLaneBusy(batcher)) {
      var to = new Questions(model, batcher, told);
      learn(to, QUICK);
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        answers.add(ask(to));
      }
      assertThat(answers).noneMatch(CompletableFuture::isDone);
      assertThat(afterwards).hasSize(1); // once for all of them

      afterwards.remove().run();

      assertThat(answers).allMatch(CompletableFuture::isDone);
      assertThat(model.batches).containsExactly("5 by " + Thread.currentThread().getName());
    }
  }

  @Test
  void theTimeToSendAnswersDoesNotCountAsTimeToComputeThem() throws Exception {
    var first = new Noting();
    var second = new Noting();
    try (Batcher batcher = lent();
        Held _ = keepTheLaneBusy(batcher)) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (Noting model : List.of(first, second)) {
        var to = new Questions(model, batcher, told);
        learn(to, QUICK);
        var answer = ask(to);
        var _ = answer.thenRun(() -> clock.addAndGet(SLOW));
        answers.add(answer);
      }

      afterwards.remove().run();

      assertThat(answers).allMatch(CompletableFuture::isDone);
    }
  }

  @Test
  void aBatchThatFailsCountsAsWhatItComputed() throws Exception {
    var failing =
        new Noting() {
          @Override
          public void answer(List<Question> batch, LaneMemory memory) {
            clock.addAndGet(SLOW);
            throw new IllegalStateException("fails late");
          }
        };
    var next = new Noting();
    try (Batcher batcher = lent();
        Held held = keepTheLaneBusy(batcher)) {
      List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
      for (Noting model : List.of(failing, next)) {
        var to = new Questions(model, batcher, told);
        learn(to, QUICK);
        answers.add(ask(to));
      }

      afterwards.remove().run();

      assertThat(answers.getFirst()).isCompletedExceptionally();
      assertThat(answers.getLast()).isNotDone();
      held.letGo();
      runUntilDone(answers.getLast());
      assertThat(next.batches).containsExactly("1 by a lane");
    }
  }

  @Test
  void aLaneComputesWhatTakesLongAndWhatNobodyKnows() throws Exception {
    var model = new Noting();
    try (Batcher batcher = lent()) {
      var to = new Questions(model, batcher, told);
      var unknown = ask(to);
      runUntilDone(unknown);
      learn(to, SLOW);

      var slow = ask(to);
      runUntilDone(slow);

      assertThat(model.batches).containsExactly("1 by a lane", "1 by a lane");
    }
  }

  @Test
  void aBatchOfALaneIsToldToTheDoorsInOneTask() throws Exception {
    var model = new Noting();
    try (Batcher batcher = lent();
        Held held = keepTheLaneBusy(batcher)) {
      var to = new Questions(model, batcher, told);
      learn(to, SLOW);
      List<CompletableFuture<InferenceResponse>> answers = List.of(ask(to), ask(to), ask(to));
      afterwards.remove().run(); // takes too long for this thread
      held.letGo();
      await().until(() -> !afterwards.isEmpty());
      assertThat(model.batches).containsExactly("3 by a lane");
      assertThat(answers).noneMatch(CompletableFuture::isDone);

      afterwards.remove().run();

      assertThat(answers).allMatch(CompletableFuture::isDone);
      assertThat(afterwards).isEmpty();
    }
  }

  @Test
  void copiesForAShadowAreNoAffairOfTheDoors() throws Exception {
    var model = new Noting();
    try (Batcher batcher = lent()) {
      var to = new Questions(model, batcher, told);
      learn(to, QUICK);
      ask(to, Priority.SHADOW).get(60, TimeUnit.SECONDS);
      assertThat(afterwards).isEmpty();
      assertThat(model.batches).containsExactly("1 by a lane");
    }
  }

  @Test
  void aLaneComputesForThreadsThatAreNoDoors() throws Exception {
    var model = new Noting();
    try (Batcher batcher = lent()) {
      var to = new Questions(model, batcher, told);
      learn(to, QUICK);
      onAnotherThread(to).get(60, TimeUnit.SECONDS);
      assertThat(afterwards).isEmpty();
      assertThat(model.batches).containsExactly("1 by a lane");
    }
  }

  @Test
  void aLaneComputesWhenTheDoorsThreadTakesNothingMore() throws Exception {
    var model = new Noting();
    var ended = new AtomicBoolean(true);
    try (Batcher batcher = batcher()) {
      batcher.lend(
          Thread.currentThread(),
          task -> {
            if (ended.get()) {
              throw new RejectedExecutionException("ended");
            }
          });
      var to = new Questions(model, batcher, told);
      learn(to, QUICK);
      ask(to).get(60, TimeUnit.SECONDS);
      assertThat(model.batches).containsExactly("1 by a lane");
    }
  }

  @Test
  void lanesAnswerWhatTheDoorsThreadHasNotWhenTheBatcherCloses() throws Exception {
    var model = new Noting();
    Batcher batcher = lent();
    Held held = keepTheLaneBusy(batcher); // or it might be quicker than the end of the doors
    var to = new Questions(model, batcher, told);
    learn(to, QUICK);
    var waiting = ask(to);
    var closing = new Thread(batcher::close);
    closing.start();
    await().until(() -> closing.getState() == Thread.State.WAITING); // for the lane
    held.letGo();
    closing.join();
    assertThat(waiting).isCompleted();
    assertThat(model.batches).containsExactly("1 by a lane");
    afterwards.forEach(Runnable::run);
    afterwards.clear();
  }

  /** A lane that is busy; ends with the test, so that a failing one does not wait for ever. */
  private interface Held extends AutoCloseable {
    void letGo();

    @Override
    default void close() {
      letGo();
    }
  }

  private Held keepTheLaneBusy(Batcher batcher) throws Exception {
    var until = new CountDownLatch(1);
    var entered = new CountDownLatch(1);
    var slow =
        new Noting() {
          @Override
          public void answer(List<Question> batch, LaneMemory memory) {
            entered.countDown();
            try {
              until.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            super.answer(batch, memory);
          }
        };
    var to = new Questions(slow, batcher, told);
    var _ = onAnotherThread(to);
    entered.await();
    return until::countDown;
  }

  private Batcher batcher() {
    return new Batcher(
        Batcher.Limits.of(1, 8, 64), task -> new Thread(task, "a lane"), told, clock::get);
  }

  private Batcher lent() {
    Batcher batcher = batcher();
    batcher.lend(Thread.currentThread(), afterwards::add);
    return batcher;
  }

  /** What a row costs; the first batch of all is no example. */
  private static void learn(Questions to, long nanos) {
    for (int i = 0; i < 100; i++) {
      to.line().cost().observe(1 + i % 2, (1 + i % 2) * nanos);
    }
  }

  private CompletableFuture<InferenceResponse> ask(Questions to) {
    return ask(to, Priority.INTERACTIVE);
  }

  private CompletableFuture<InferenceResponse> ask(Questions to, Priority priority) {
    var request = new InferenceRequest(null, Map.of(), List.of(), List.of(), pool.open(1));
    return to.ask(request, null, Terms.of(priority));
  }

  /** Runs what is left for the doors' thread, as an event loop does. */
  private void runUntilDone(CompletableFuture<?> answer) {
    long begun = System.nanoTime();
    while (!answer.isDone() && System.nanoTime() - begun < TimeUnit.MINUTES.toNanos(1)) {
      Runnable task = afterwards.poll();
      if (task == null) {
        Thread.onSpinWait();
      } else {
        task.run();
      }
    }
    assertThat(answer).isDone();
  }

  private CompletableFuture<InferenceResponse> onAnotherThread(Questions to)
      throws InterruptedException {
    List<CompletableFuture<InferenceResponse>> asked = new CopyOnWriteArrayList<>();
    var caller = new Thread(() -> asked.add(ask(to)));
    caller.start();
    caller.join();
    return asked.getFirst();
  }

  /** Writes down who ran how many. */
  private static class Noting implements ServedModel {
    final List<String> batches = new CopyOnWriteArrayList<>();

    @Override
    public String name() {
      return "m";
    }

    @Override
    public ModelMetadata metadata() {
      return new ModelMetadata("m", List.of("1"), "test", List.of(), List.of());
    }

    @Override
    public Question question(InferenceRequest request, @Nullable String id, int most) {
      return new Question(this, List.of(), new Size(1, 1, "kind"), id, request);
    }

    @Override
    public long answerBytes(Question question, AnswerForm form) {
      return 0;
    }

    @Override
    public void answer(List<Question> batch, LaneMemory memory) {
      batches.add(batch.size() + " by " + Thread.currentThread().getName());
      for (Question question : batch) {
        question.release();
        question.answered(new InferenceResponse("m", "1", question.id(), Map.of(), List.of()));
      }
    }
  }
}
