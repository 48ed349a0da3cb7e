package dev.nagare.streaming.reuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedAnswersTest {
  private static final long NOW = System.nanoTime();

  private final Requests requests = new Requests();
  private final AtomicReference<Object> edition = new AtomicReference<>("first");
  private final List<Run> runs = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final StreamingObserver observer =
      new StreamingObserver() {
        @Override
        public void shared(String model) {
          told.add("shared");
        }

        @Override
        public void refused(String model, String reason) {
          told.add(reason);
        }
      };
  private final SharedAnswers shared =
      new SharedAnswers("m", edition::get, this::next, this::reserve, observer);
  private int reserved;
  private @Nullable ProtocolException noRoom;
  private @Nullable ProtocolException refusal;

  /** A request that was asked, as the batcher has it. */
  private static final class Run implements Terms.Waiting {
    final InferenceRequest request;
    final @Nullable String id;
    final CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();
    boolean begun;

    Run(InferenceRequest request, @Nullable String id) {
      this.request = request;
      this.id = id;
    }

    void answers(float value) {
      request.close();
      answer.complete(Requests.answer("5", id == null ? "" : id, value));
    }

    void fails(int status) {
      request.close();
      answer.completeExceptionally(new ProtocolException(status, "so it is"));
    }

    @Override
    public void callerLeft() {
      if (!begun) {
        fails(499);
      }
    }
  }

  private CompletableFuture<InferenceResponse> next(
      InferenceRequest request, @Nullable String id, Terms terms) {
    if (refusal != null) {
      ProtocolException thrown = refusal;
      refusal = null;
      throw thrown;
    }
    var run = new Run(request, id);
    runs.add(run);
    terms.whenLeft(run);
    return run.answer;
  }

  private void reserve(InferenceRequest request, Terms terms) {
    if (noRoom != null) {
      throw noRoom;
    }
    reserved++;
  }

  @AfterEach
  void everythingIsGivenBack() {
    requests.allAreGivenBack();
    assertThat(shared.flights()).isZero();
    assertThat(shared.bytes()).isZero();
  }

  @Test
  void theSameIsComputedOnceAndEachGetsItUnderItsId() {
    List<CompletableFuture<InferenceResponse>> answers =
        List.of(ask("a", 1), ask("b", 1), ask("c", 1));
    assertThat(runs).hasSize(1);
    assertThat(reserved).as("the first one reserves where it is asked").isEqualTo(2);
    runs.getFirst().answers(9);
    assertThat(answers.stream().map(answer -> answer.join().id())).containsExactly("a", "b", "c");
    for (var answer : answers) {
      assertThat(answer.join().outputs().getFirst().floats()).containsExactly(9);
      answer.join().parameters().put("of", answer.join().id()); // nobody else's
    }
    assertThat(answers.getLast().join().parameters()).containsEntry("of", "c");
    assertThat(told).containsExactly("shared", "shared");
    ask("d", 1);
    assertThat(runs).as("what has ended is asked again").hasSize(2);
    runs.getLast().answers(9);
  }

  @Test
  void anotherRequestAndOtherWeightsAreAskedForThemselves() {
    ask("a", 1);
    ask("b", 2);
    edition.set("second");
    CompletableFuture<InferenceResponse> late = ask("c", 1);
    CompletableFuture<InferenceResponse> later = ask("d", 1);
    assertThat(runs).hasSize(3);
    runs.get(0).answers(1);
    assertThat(late).isNotDone();
    runs.get(2).answers(3);
    assertThat(later.join().outputs().getFirst().floats()).containsExactly(3);
    runs.get(1).answers(2);
  }

  @Test
  void whatTheModelMakesOfItIsToldToAll() {
    CompletableFuture<InferenceResponse> a = ask("a", 1);
    CompletableFuture<InferenceResponse> b = ask("b", 1);
    runs.getFirst().fails(400);
    failed(a, 400);
    failed(b, 400);
    assertThat(runs).hasSize(1);
  }

  @Test
  void aCallerWhoLeavesTakesNobodyAlong() {
    Terms first = Terms.of(Terms.Priority.INTERACTIVE);
    Terms second = Terms.of(Terms.Priority.INTERACTIVE);
    CompletableFuture<InferenceResponse> a = ask("a", first, 1);
    CompletableFuture<InferenceResponse> b = ask("b", second, 1);
    CompletableFuture<InferenceResponse> c = ask("c", 1);
    first.leave(); // it leads, and what was asked keeps its place
    failed(a, 499);
    second.leave();
    failed(b, 499);
    assertThat(runs).hasSize(1);
    assertThat(told).containsExactly("shared", "shared", "cancelled", "cancelled");
    runs.getFirst().answers(9);
    assertThat(c.join().id()).isEqualTo("c");
  }

  @Test
  void whenAllHaveLeftNothingIsComputed() {
    Terms first = Terms.of(Terms.Priority.INTERACTIVE);
    Terms second = Terms.of(Terms.Priority.INTERACTIVE);
    CompletableFuture<InferenceResponse> a = ask("a", first, 1);
    CompletableFuture<InferenceResponse> b = ask("b", second, 1);
    first.leave();
    failed(a, 499);
    assertThat(runs.getFirst().answer).isNotDone();
    second.leave(); // the last one, which did not lead
    assertThat(runs.getFirst().answer).isCompletedExceptionally();
    failed(b, 499);
  }

  @Test
  void theLastOneWaitsUntilALaneThatHasBegunHasEnded() {
    Terms terms = Terms.of(Terms.Priority.INTERACTIVE);
    CompletableFuture<InferenceResponse> only = ask("a", terms, 1);
    runs.getFirst().begun = true;
    terms.leave();
    assertThat(only).as("its lease keeps the model").isNotDone();
    runs.getFirst().answers(9);
    assertThat(only).isDone();
  }

  @Test
  void aDeadlineThatPassesIsItsCallersAlone() {
    CompletableFuture<InferenceResponse> soon = ask("a", in(1), 1);
    CompletableFuture<InferenceResponse> late = ask("b", in(9), 1);
    CompletableFuture<InferenceResponse> mid = ask("c", in(5), 1);
    CompletableFuture<InferenceResponse> never = ask("d", 1);
    runs.getFirst().fails(504);
    failed(soon, 504);
    assertThat(runs.getLast().id).as("the next one is due first").isEqualTo("c");
    runs.getLast().fails(504);
    failed(mid, 504);
    assertThat(runs.getLast().id).isEqualTo("b");
    runs.getLast().answers(9);
    assertThat(late.join().id()).isEqualTo("b");
    assertThat(never.join().id()).isEqualTo("d");
    assertThat(runs).hasSize(3);
  }

  @Test
  void whoIsInMoreOfAHurryDoesNotWaitForTheOther() {
    CompletableFuture<InferenceResponse> first = ask("a", 1); // without a deadline
    CompletableFuture<InferenceResponse> soon = ask("b", in(5), 1);
    CompletableFuture<InferenceResponse> sooner = ask("c", in(1), 1);
    CompletableFuture<InferenceResponse> urgent =
        ask("d", Terms.until(Terms.Priority.INTERACTIVE, 1, NOW + TimeUnit.MINUTES.toNanos(3)), 1);
    assertThat(runs).hasSize(4);
    CompletableFuture<InferenceResponse> fifth = ask("e", in(7), 1);
    assertThat(runs).as("which waits with the most urgent").hasSize(4);
    runs.get(3).answers(4);
    assertThat(urgent.join().outputs().getFirst().floats()).containsExactly(4);
    assertThat(fifth.join().outputs().getFirst().floats()).containsExactly(4);
    assertThat(List.of(first, soon, sooner)).noneMatch(CompletableFuture::isDone);
    runs.get(0).answers(1);
    runs.get(2).answers(3);
    runs.get(1).answers(2);
    assertThat(soon.join().outputs().getFirst().floats()).containsExactly(2);
  }

  @Test
  void aRefusedLeadersFollowersAreAskedUnderTheirOwnTerms() {
    CompletableFuture<InferenceResponse> a = ask("a", in(1), 1);
    CompletableFuture<InferenceResponse> b = ask("b", in(2), 1);
    CompletableFuture<InferenceResponse> c = ask("c", in(3), 1);
    refusal = ProtocolException.busy("no room for b", 1_000);
    runs.getFirst().fails(429);
    failed(a, 429);
    failed(b, 429);
    assertThat(c).isNotDone();
    assertThat(runs).hasSize(2);
    runs.getLast().answers(9);
    assertThat(c.join().id()).isEqualTo("c");
  }

  @Test
  void aRequestThatIsRefusedAtOnceIsStillItsCallers() {
    refusal = ProtocolException.busy("busy", 1_000);
    try (InferenceRequest request = requests.request(1)) {
      assertThatThrownBy(() -> shared.ask(request, "a", Terms.of(Terms.Priority.INTERACTIVE)))
          .hasMessage("busy");
    }
    assertThat(shared.flights()).isZero();
    ask("b", 1);
    noRoom = ProtocolException.busy("no room", 1_000);
    try (InferenceRequest request = requests.request(1)) {
      assertThatThrownBy(() -> shared.ask(request, "c", Terms.of(Terms.Priority.INTERACTIVE)))
          .isSameAs(noRoom);
    }
    runs.getLast().answers(9);
  }

  private static Terms in(long minutes) {
    return Terms.until(Terms.Priority.INTERACTIVE, 0, NOW + TimeUnit.MINUTES.toNanos(minutes));
  }

  private static void failed(CompletableFuture<InferenceResponse> answer, int status) {
    assertThatThrownBy(answer::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            ProtocolException.class, e -> assertThat(e.status()).isEqualTo(status));
  }

  @CanIgnoreReturnValue
  private CompletableFuture<InferenceResponse> ask(String id, float value) {
    return ask(id, Terms.of(Terms.Priority.INTERACTIVE), value);
  }

  @CanIgnoreReturnValue
  private CompletableFuture<InferenceResponse> ask(String id, Terms terms, float value) {
    return shared.ask(requests.request(value), id, terms);
  }
}
