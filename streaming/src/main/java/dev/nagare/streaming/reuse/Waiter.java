package dev.nagare.streaming.reuse;

import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import java.util.LinkedHashMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A caller who waits for the answer of a {@link Flight}, of which it is a part. */
final class Waiter implements Terms.Waiting {
  private final Flight flight;
  private final InferenceRequest request;
  private final @Nullable String id;
  private final Terms terms;
  private final CompletableFuture<InferenceResponse> answer = new CompletableFuture<>();

  Waiter(Flight flight, InferenceRequest request, @Nullable String id, Terms terms) {
    this.flight = flight;
    this.request = request;
    this.id = id;
    this.terms = terms;
  }

  InferenceRequest request() {
    return request;
  }

  @Nullable String id() {
    return id;
  }

  Terms terms() {
    return terms;
  }

  CompletableFuture<InferenceResponse> answer() {
    return answer;
  }

  @Override
  public void callerLeft() {
    flight.left(this);
  }

  /** Answers with what was computed for several. */
  void complete(InferenceResponse shared) {
    answer.complete(
        new InferenceResponse(
            shared.modelName(),
            shared.modelVersion(),
            id,
            new LinkedHashMap<>(shared.parameters()),
            shared.outputs()));
  }

  void fail(Throwable failure) {
    answer.completeExceptionally(failure);
  }
}
