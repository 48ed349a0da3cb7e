package dev.nagare.streaming.reuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.nagare.streaming.AnswerShare;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KnownAnswersTest {
  private static final Terms ANYBODY = Terms.of(Terms.Priority.INTERACTIVE);

  private final Requests requests = new Requests();
  private final AtomicReference<Object> edition = new AtomicReference<>("first");
  private final List<CompletableFuture<InferenceResponse>> asked = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final StreamingObserver observer =
      new StreamingObserver() {
        @Override
        public void lookedUp(String model, boolean known, long nanos) {
          told.add(model + (known ? " hit" : " miss"));
        }

        @Override
        public void refused(String model, String reason) {
          told.add(model + " " + reason);
        }
      };
  private final KnownAnswers known =
      new KnownAnswers(
          "m", new AnswerCache(AnswerCache.LEAST_BYTES, edition::get), this::next, observer);
  private @Nullable ProtocolException refusal;

  private CompletableFuture<InferenceResponse> next(
      InferenceRequest request, @Nullable String id, Terms terms) {
    if (refusal != null) {
      throw refusal;
    }
    request.close();
    var answer = new CompletableFuture<InferenceResponse>();
    asked.add(answer);
    return answer;
  }

  @AfterEach
  void everyRequestIsGivenBack() {
    requests.allAreGivenBack();
  }

  @Test
  void theSameRequestIsAnsweredAtOnceAndSaysSoAndHasItsOwnId() {
    CompletableFuture<InferenceResponse> first = ask("a", 1, 2);
    asked.getFirst().complete(Requests.answer("5", "a", 3, 4));
    assertThat(first.join().parameters()).doesNotContainKey("cached");
    first.join().parameters().put("of the first caller", true); // as services do
    InferenceResponse again = ask("b", 1, 2).join();
    assertThat(again.id()).isEqualTo("b");
    assertThat(again.modelName()).isEqualTo("m");
    assertThat(again.modelVersion()).isEqualTo("5");
    assertThat(again.outputs().getFirst().floats()).containsExactly(3, 4);
    assertThat(again.parameters())
        .containsOnlyKeys("lineage_offset", "cached")
        .containsEntry("cached", true);
    assertThat(asked).hasSize(1);
    assertThat(told).containsExactly("m miss", "m hit");
  }

  @Test
  void anotherRequestIsAsked() {
    ask("a", 1, 2);
    asked.getFirst().complete(Requests.answer("5", "a", 3));
    ask("b", 1, 3);
    assertThat(asked).hasSize(2);
  }

  @Test
  void aFailureAndARefusalAreNotRemembered() {
    CompletableFuture<InferenceResponse> failed = ask("a", 1);
    asked.getFirst().completeExceptionally(new ProtocolException(500, "broken"));
    assertThat(failed).isCompletedExceptionally();
    refusal = ProtocolException.busy("busy", 1_000);
    for (int i = 0; i < 10_000; i++) { // none of them stays under way
      try (InferenceRequest request = requests.request(1)) {
        assertThatThrownBy(() -> known.ask(request, "b", ANYBODY)).isSameAs(refusal);
      }
    }
    refusal = null;
    ask("c", 1);
    asked.getLast().complete(Requests.answer("5", "c", 1));
    assertThat(ask("d", 1).join().parameters()).containsKey("cached");
  }

  @Test
  void anAnswerOfWeightsThatAnswerNoMoreIsNotRemembered() {
    ask("a", 1);
    edition.set("second"); // whoever answered: nobody can say
    asked.getFirst().complete(Requests.answer("6", "a", 1));
    ask("b", 1);
    assertThat(asked).hasSize(2);
    asked.getLast().complete(Requests.answer("6", "b", 1));
    assertThat(ask("c", 1).join().modelVersion()).isEqualTo("6");
    edition.set("third");
    ask("d", 1);
    assertThat(asked).hasSize(3);
  }

  @Test
  void aKnownAnswerTakesItsRoomOrIsRefused() {
    ask("a", 1);
    asked.getFirst().complete(Requests.answer("5", "a", 1, 2, 3));
    var budget = new ByteBudget(20, who -> {});
    var share = new AnswerShare(budget, 20, () -> {});
    Terms terms = Terms.of(Terms.Priority.INTERACTIVE).answer(AnswerForm.BINARY, share);
    known.ask(requests.request(1), "b", terms).join();
    assertThat(budget.taken()).isEqualTo(12);
    refused(share, AnswerForm.BINARY, 429);
    refused(share, AnswerForm.JSON, 413);
    terms.sent();
    assertThat(budget.taken()).isZero();
    assertThat(told).containsExactly("m miss", "m hit", "m bytes", "m invalid");
  }

  private void refused(AnswerShare share, AnswerForm form, int status) {
    Terms terms = Terms.of(Terms.Priority.INTERACTIVE).answer(form, share);
    try (InferenceRequest request = requests.request(1)) {
      assertThatThrownBy(() -> known.ask(request, "c", terms))
          .isInstanceOfSatisfying(
              ProtocolException.class, e -> assertThat(e.status()).isEqualTo(status));
    }
  }

  @Test
  void whatIsTooLargeIsAskedEachTime() {
    float[] large = new float[(int) AnswerCache.LEAST_BYTES / 8 / 4];
    for (int i = 0; i < 2; i++) {
      ask("a", large);
      asked.getLast().complete(Requests.answer("5", "a", 1));
    }
    assertThat(asked).hasSize(2);
    assertThat(told).containsExactly("m miss", "m miss");
  }

  @CanIgnoreReturnValue
  private CompletableFuture<InferenceResponse> ask(String id, float... values) {
    return known.ask(requests.request(values), id, ANYBODY);
  }
}
