package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.streaming.Terms.Priority;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TermsTest {

  @Test
  void haveADeadlineOnlyIfOneWasGiven() {
    Terms without = Terms.of(Priority.STREAM, 3);
    Terms with = Terms.until(Priority.INTERACTIVE, 1, -5);

    assertThat(without.limited()).isFalse();
    assertThat(without.priority()).isEqualTo(Priority.STREAM);
    assertThat(without.urgency()).isEqualTo(3);
    assertThat(with.limited()).isTrue();
    assertThat(with.deadlineNanos()).isEqualTo(-5);
    assertThatThrownBy(() -> Terms.of(Priority.STREAM, -1)).hasMessageContaining("got -1");
  }

  @Test
  void tellWhoeverWaitsOnceThatTheCallerLeft() {
    var told = new AtomicInteger();
    Terms terms = Terms.of(Priority.INTERACTIVE);
    terms.whenLeft(told::incrementAndGet);
    assertThat(terms.left()).isFalse();

    terms.leave();
    terms.leave();

    assertThat(terms.left()).isTrue();
    assertThat(told).hasValue(1);
  }

  @Test
  void tellAtOnceWhoComesAfterTheCallerLeft() {
    var told = new AtomicInteger();
    Terms terms = Terms.of(Priority.INTERACTIVE);
    terms.leave();
    terms.whenLeft(told::incrementAndGet);
    assertThat(told).hasValue(1);
  }

  @Test
  void tellOnceHoweverLeavingAndWaitingMeet() throws Exception {
    for (int round = 0; round < 2_000; round++) {
      var told = new AtomicInteger();
      Terms terms = Terms.of(Priority.INTERACTIVE);
      var together = new CyclicBarrier(2);
      var leaving =
          new Thread(
              () -> {
                meet(together);
                terms.leave();
              });
      leaving.start();
      meet(together);
      terms.whenLeft(told::incrementAndGet);
      leaving.join();
      assertThat(told).as("round %d", round).hasValue(1);
    }
  }

  @Test
  void anAnswerTakesItsRoomUntilItIsSentAndWhatItTurnsOutToTake() {
    List<String> refused = new ArrayList<>();
    var budget = new ByteBudget(100, refused::add);
    Terms terms = Terms.of(Priority.INTERACTIVE).answer(AnswerForm.JSON, share(budget));
    terms.reserveAnswer(60);
    assertThat(budget.taken()).isEqualTo(60);
    terms.answered(70); // it is there: whether there is room or not
    assertThat(budget.taken()).isEqualTo(70);
    Terms other = Terms.of(Priority.INTERACTIVE).answer(AnswerForm.BINARY, share(budget));
    assertThatThrownBy(() -> other.reserveAnswer(31))
        .isInstanceOfSatisfying(
            ProtocolException.class,
            e -> {
              assertThat(e.status()).isEqualTo(429);
              assertThat(e.retryAfterMillis()).isPositive();
            });
    assertThat(refused).containsExactly("answer");
    other.sent();
    terms.sent();
    terms.sent();
    assertThat(budget.taken()).isZero();
  }

  @Test
  void anAnswerThatCanNeverFitIsRefusedWithTheRemedy() {
    var budget = new ByteBudget(100, who -> {});
    Terms json = Terms.of(Priority.INTERACTIVE).answer(AnswerForm.JSON, share(budget));
    assertThatThrownBy(() -> json.reserveAnswer(101))
        .isInstanceOfSatisfying(ProtocolException.class, e -> assertThat(e.status()).isEqualTo(413))
        .hasMessageContaining("at most 100 bytes (server.connection-answer-bytes)")
        .hasMessageContaining("could take 101")
        .hasMessageContaining("binary_data: true");
    Terms bytes = Terms.of(Priority.INTERACTIVE).answer(AnswerForm.BINARY, share(budget));
    assertThatThrownBy(() -> bytes.reserveAnswer(Long.MAX_VALUE))
        .hasMessageContaining("fewer rows")
        .message()
        .doesNotContain("binary_data");
    var vast = new ByteBudget(Long.MAX_VALUE, who -> {});
    Terms array = Terms.of(Priority.INTERACTIVE).answer(AnswerForm.BINARY, share(vast));
    assertThatThrownBy(() -> array.reserveAnswer(1L << 31))
        .hasMessageContaining("what a message has room for");
    assertThat(budget.taken() + vast.taken()).isZero();
  }

  @Test
  void whoSaysNothingOfABudgetTakesNothing() {
    Terms terms = Terms.of(Priority.STREAM);
    assertThat(terms.answerForm()).isNull();
    terms.reserveAnswer(Long.MAX_VALUE);
    terms.answered(5);
    terms.sent();
    assertThat(terms.left()).isFalse();
  }

  /** Of a connection that may have all of it. */
  private static AnswerShare share(ByteBudget budget) {
    return new AnswerShare(budget, Long.MAX_VALUE, () -> {});
  }

  private static void meet(CyclicBarrier together) {
    try {
      together.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
