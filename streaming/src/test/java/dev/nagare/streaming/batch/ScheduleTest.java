package dev.nagare.streaming.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.models.inference.InferenceModel.Size;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.Terms.Priority;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.tensor.MemoryPool;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
  private static final long SECOND = 1_000_000_000L;

  private final MemoryPool pool = new MemoryPool("requests", 1 << 28);
  private final List<Question> asked = new ArrayList<>();
  private final List<Question> late = new ArrayList<>();
  private final Schedule schedule = new Schedule(8);

  @AfterEach
  void everythingIsGivenBack() {
    asked.forEach(Question::release);
    assertThat(pool.usedBytes()).isZero();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void batchesAreOfOneKindAndInOrderFromTheFirstOfAll(long seed) {
    var random = new Random(seed);
    List<Line> lines = List.of(line("a", SECOND), line("b", SECOND), line("c", SECOND));
    List<Question> waiting = new ArrayList<>();
    for (int step = 0; step < 1_000; step++) {
      int adding = random.nextInt(12);
      for (int i = 0; i < adding; i++) {
        Terms terms = Terms.until(Priority.INTERACTIVE, random.nextInt(4), 0);
        waiting.add(
            add(
                lines.get(random.nextInt(3)),
                "kind" + random.nextInt(2),
                1 + random.nextInt(random.nextInt(10) == 0 ? 12 : 4),
                terms,
                random.nextInt(20)));
      }
      if (!waiting.isEmpty() && random.nextInt(3) == 0) {
        Question leaver = waiting.remove(random.nextInt(waiting.size()));
        assertThat(leaver.giveUp()).isTrue();
      }
      if (random.nextInt(3) > 0) {
        assertThat(next(-SECOND)).isEqualTo(expected(waiting));
      }
    }
    while (!waiting.isEmpty()) {
      assertThat(next(-SECOND)).isEqualTo(expected(waiting));
    }
    assertThat(next(-SECOND)).isEmpty();
    assertThat(schedule.isEmpty()).isTrue();
    assertThat(late).isEmpty();
  }

  /** The batch as its definition says; removed from the list. */
  private static List<Question> expected(List<Question> waiting) {
    List<Question> order = waiting.stream().sorted(Question.BY_TURN).toList();
    List<Question> batch = new ArrayList<>();
    int rows = 0;
    for (Question next : order) {
      Question first = order.getFirst();
      if (next.line() == first.line() && next.kind().equals(first.kind())) {
        if (!batch.isEmpty() && rows + next.rows() > 8) {
          break;
        }
        batch.add(next);
        rows += next.rows();
      }
    }
    waiting.removeAll(batch);
    return batch;
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void eachClassHasItsShareWhileItWaits(long seed) {
    var random = new Random(seed);
    List<Line> lines = List.of(line("a", SECOND), line("b", SECOND), line("c", SECOND));
    lines.forEach(line -> learn(line, 1_000_000, 0));
    double[] served = new double[Priority.values().length];
    double total = 0;
    int[] waiting = new int[served.length];
    for (int step = 0; step < 2_000; step++) {
      for (Priority priority : Priority.values()) {
        while (waiting[priority.place()] < 10) {
          add(
              lines.get(random.nextInt(3)),
              "kind",
              1 + random.nextInt(8),
              Terms.of(priority),
              step);
          waiting[priority.place()]++;
        }
      }
      List<Question> batch = next(step);
      int taker = batch.getFirst().priority().place();
      waiting[taker] -= batch.size();
      int rows = batch.stream().mapToInt(Question::rows).sum();
      double cost = batch.getFirst().line().cost().nanos(rows);
      served[taker] += cost;
      total += cost;
      double slack = 3 * 8_000_000; // three batches
      assertThat(served[1]).isBetween(total / 8 - slack, total / 8 + slack);
      assertThat(served[2]).isBetween(total / 16 - slack, total / 16 + slack);
      assertThat(served[3]).as("shadows, while others wait").isZero();
    }
    System.out.printf(
        "seed %d: shares %.4f %.4f %.4f%n",
        seed, served[0] / total, served[1] / total, served[2] / total);
  }

  @Test
  void timeThatNobodyElseWantedIsNotPaidForLater() {
    Line line = line("a", SECOND);
    learn(line, 1_000, 0);
    for (int i = 0; i < 200; i++) {
      add(line, "kind", 8, Terms.of(Priority.STREAM), i);
      assertThat(next(0)).hasSize(1);
    }
    int streams = 0;
    for (int i = 0; i < 90; i++) {
      add(line, "kind", 8, Terms.of(Priority.STREAM), 2_000 + i);
      add(line, "kind", 8, Terms.of(Priority.INTERACTIVE), 2_000 + i);
      streams += next(0).getFirst().priority() == Priority.STREAM ? 1 : 0;
    }
    assertThat(streams).isBetween(10, 13);
  }

  @Test
  void aClassThatDidNotWaitHasEarnedNothing() {
    Line line = line("a", SECOND);
    learn(line, 1_000, 0);
    for (int i = 0; i < 200; i++) {
      add(line, "kind", 8, Terms.of(Priority.INTERACTIVE), i);
      next(0);
    }
    List<Priority> order = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      add(line, "kind", 8, Terms.of(Priority.STREAM), i);
      add(line, "kind", 8, Terms.of(Priority.INTERACTIVE), i);
    }
    for (int i = 0; i < 8; i++) {
      order.add(next(0).getFirst().priority());
    }
    assertThat(order.subList(0, 5))
        .containsExactly(
            Priority.INTERACTIVE,
            Priority.STREAM,
            Priority.INTERACTIVE,
            Priority.INTERACTIVE,
            Priority.INTERACTIVE);
  }

  @ParameterizedTest
  @CsvSource({"11000000, 5", "3000000, 1", "1000000000, 8"})
  void aBatchTakesAtMostHalfOfTheTarget(long targetNanos, int rows) {
    Line line = line("a", targetNanos);
    learn(line, 1_000_000, 0);
    for (int i = 0; i < 20; i++) {
      add(line, "kind", 1, Terms.of(Priority.INTERACTIVE), i);
    }
    assertThat(next(0)).hasSize(rows);
  }

  @Test
  void aBatchGrowsNoLargerThanItsMostUrgentCanWait() {
    Line line = line("a", SECOND);
    learn(line, 1_000_000, 0);
    // An eighth of the 100 ms that they had is kept for the ways in and out: 3.5 ms are left.
    for (int i = 0; i < 6; i++) {
      long due = 16_000_000L + i;
      add(line, "kind", 1, Terms.until(Priority.INTERACTIVE, 0, 0), due, due - 100_000_000);
    }
    assertThat(next(0)).hasSize(3);
    assertThat(next(1_000_000)).hasSize(2);
  }

  @Test
  void whoIsNearlyLateDoesNotMakeAllBehindItWaitForARunOfOne() {
    Line line = line("a", SECOND);
    learn(line, 1_000_000, 30_000_000);
    for (int i = 0; i < 10; i++) {
      add(line, "kind", 1, Terms.until(Priority.INTERACTIVE, 0, 0), 100_000_000);
    }
    // Alone the first would end at 91 ms, after its aim of 87.5; with seven others at 98.
    assertThat(next(60_000_000)).hasSize(8);
  }

  @Test
  void aBatchTakesAtMostHalfOfWhatItsCallersGiveIt() {
    Line line = line("a", SECOND);
    learn(line, 1_000_000, 0);
    for (int i = 0; i < 8; i++) {
      // Who came when it had just begun waits for it and for the next one: 7 of 8 ms.
      add(line, "kind", 1, Terms.until(Priority.INTERACTIVE, 0, 0), 8_000_000 + i);
    }
    assertThat(next(0)).hasSize(3);
  }

  @Test
  void whatCannotBeAnsweredInTimeIsNotComputed() {
    Line line = line("a", SECOND);
    learn(line, 1_000_000, 0);
    Question hopeless = add(line, "kind", 4, Terms.until(Priority.INTERACTIVE, 0, 0), 3_000_000);
    Question possible = add(line, "kind", 4, Terms.until(Priority.INTERACTIVE, 0, 0), 5_000_000);
    Question aimed = add(line, "kind", 4, Terms.of(Priority.INTERACTIVE), 6_000_000);
    assertThat(next(0)).containsExactly(possible);
    assertThat(late).containsExactly(hopeless);
    assertThat(next(9_000_000)).containsExactly(aimed); // no deadline: it is late, but wanted
  }

  @Test
  void whatIsToBeTriedIsComputedAnyhow() {
    Line line = line("a", SECOND);
    learn(line, 1_000_000, 0);
    Question tried = question(line, "kind", 4);
    tried.ask(line, Terms.until(Priority.INTERACTIVE, 0, 0), 1_000, 0, true, any -> {});
    schedule.add(tried);
    assertThat(next(0)).containsExactly(tried);
  }

  @Test
  void deadlinesFireInTheirOrderAndOnlyForWhatWaits() {
    Line line = line("a", SECOND);
    Question third = add(line, "kind", 8, Terms.until(Priority.INTERACTIVE, 1, 0), 300);
    Question first = add(line, "kind", 8, Terms.until(Priority.LEARNING, 0, 0), 100);
    Question second = add(line, "kind", 8, Terms.until(Priority.STREAM, 0, 0), 200);
    add(line, "kind", 8, Terms.of(Priority.STREAM), 50); // no deadline
    assertThat(schedule.expire(99, late)).isEqualTo(100);
    assertThat(late).isEmpty();
    assertThat(schedule.expire(200, late)).isEqualTo(300);
    assertThat(late).containsExactly(first, second);
    assertThat(next(0)).containsExactly(third);
    assertThat(schedule.expire(1_000, late)).isEqualTo(Schedule.NEVER);
    assertThat(late).hasSize(2);
    assertThat(next(0)).hasSize(1);
    assertThat(next(0)).isEmpty();
  }

  @Test
  void whoLeavesKeepsNoPlace() {
    var heap = new Heap(Question.BY_TURN);
    Line line = line("a", SECOND);
    List<Question> stay = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      Question question = question(line, "kind", 1);
      question.ask(line, Terms.of(Priority.INTERACTIVE), -i, 0, false, any -> {});
      heap.add(question);
      if (i % 500 == 0) {
        stay.addFirst(question);
      } else {
        question.giveUp();
      }
      question.release();
      assertThat(heap.size()).isLessThanOrEqualTo(32);
    }
    for (Question question : stay) {
      assertThat(heap.first()).isSameAs(question);
      heap.remove();
    }
    assertThat(heap.first()).isNull();
  }

  @Test
  void aBatchCostsNoMoreThanAllowedAndWhatNobodyKnowsIsLeft() {
    Line known = line("known", SECOND);
    Line unknown = line("unknown", SECOND);
    learn(known, 1_000, 500);
    Question first = add(known, "kind", 1, Terms.of(Priority.INTERACTIVE), 1);
    Question second = add(known, "kind", 2, Terms.of(Priority.INTERACTIVE), 2);
    Question third = add(unknown, "kind", 1, Terms.of(Priority.INTERACTIVE), 3);

    assertThat(next(0, 1_000)).isEmpty();
    assertThat(next(0, 3_000)).containsExactly(first); // both would take 3,500
    assertThat(next(0, 3_000)).containsExactly(second);
    assertThat(next(0, SECOND)).isEmpty();
    assertThat(next(0)).containsExactly(third);
  }

  @Test
  void questionsThatRunAloneWaitInOneLineAndAreBatchesOfTheirOwn() {
    Line line = line("a", SECOND);
    List<Question> waiting = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      var size = new Size(1, 1, "alone", false);
      Question question = question(line, size);
      question.ask(line, Terms.of(Priority.INTERACTIVE), i, 0, false, any -> {});
      schedule.add(question);
      waiting.add(question);
    }
    assertThat(schedule.lines()).as("or every batch looks at every question").isOne();
    for (Question question : waiting) {
      assertThat(next(0)).containsExactly(question);
    }
    assertThat(schedule.isEmpty()).isTrue();
  }

  private List<Question> next(long now) {
    return next(now, Schedule.NEVER);
  }

  private List<Question> next(long now, long mostNanos) {
    List<Question> batch = new ArrayList<>();
    schedule.next(now, mostNanos, batch, late);
    return batch;
  }

  /** Asked at 0, or just when one without a deadline is due in a second. */
  private Question add(Line line, Object kind, int rows, Terms terms, long due) {
    return add(line, kind, rows, terms, due, terms.limited() ? 0 : due - SECOND);
  }

  private Question add(Line line, Object kind, int rows, Terms terms, long due, long asked) {
    Question question = question(line, kind, rows);
    question.ask(line, terms, due, asked, false, any -> {});
    schedule.add(question);
    return question;
  }

  private Question question(Line line, Object kind, int rows) {
    return question(line, new Size(rows, rows, kind));
  }

  private Question question(Line line, Size size) {
    var request = new InferenceRequest(null, Map.of(), List.of(), List.of(), pool.open(1));
    var question = new Question(line.model(), List.of(), size, null, request);
    asked.add(question);
    return question;
  }

  private static Line line(String model, long targetNanos) {
    return new Line(new Named(model), targetNanos, 8, new CostModel());
  }

  private static void learn(Line line, long rowNanos, long batchNanos) {
    for (int i = 0; i < 300; i++) {
      int rows = 1 + i % 8;
      line.cost().observe(rows, rowNanos * rows + batchNanos);
    }
  }

  /** Asked for nothing but its name. */
  private record Named(String name) implements ServedModel {
    @Override
    public ModelMetadata metadata() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Question question(InferenceRequest request, @Nullable String id, int most) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long answerBytes(Question question, AnswerForm form) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void answer(List<Question> batch, LaneMemory memory) {
      throw new UnsupportedOperationException();
    }
  }
}
