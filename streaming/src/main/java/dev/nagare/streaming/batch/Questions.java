package dev.nagare.streaming.batch;

import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The way from a door to the lanes: checks a request against the model and queues it.
 *
 * @param model asked
 * @param batcher of this process
 * @param told of refusals
 */
public record Questions(ServedModel model, Batcher batcher, StreamingObserver told) {

  /**
   * Queues a request.
   *
   * @param id for the answer
   * @param terms of the caller
   * @return completes on a lane, which has closed the request by then
   * @throws ProtocolException if the request is refused; it is then still the caller's
   */
  public CompletableFuture<InferenceResponse> ask(
      InferenceRequest request, @Nullable String id, Terms terms) {
    Question question;
    try {
      question = model.question(request, id, batcher.queueRows());
    } catch (ProtocolException e) {
      told.refused(model.name(), "invalid");
      throw e;
    }
    try {
      batcher.submit(question);
    } catch (ProtocolException e) {
      told.refused(model.name(), e.status() == 429 ? "queue-full" : "not-ready");
      throw e;
    }
    return question.answer();
  }
}
