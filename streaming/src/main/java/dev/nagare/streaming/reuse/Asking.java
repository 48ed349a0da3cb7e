package dev.nagare.streaming.reuse;

import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A way to a model's answers. Safe for any thread. */
@FunctionalInterface
public interface Asking {
  /**
   * Asks.
   *
   * @param id for the answer
   * @param terms of the caller
   * @return the answer; the request is closed by then
   * @throws dev.nagare.streaming.protocol.ProtocolException if the request is refused; it is then
   *     still the caller's
   */
  CompletableFuture<InferenceResponse> ask(
      InferenceRequest request, @Nullable String id, Terms terms);
}
