package dev.nagare.streaming;

import dev.nagare.models.processing.Processing;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A version that its caller has retained, and the trial that it was chosen by.
 *
 * @param version that answers
 * @param trial that counts its answers; null for none
 */
record Held(ServedVersion version, @Nullable Trial trial) implements HeldVersion {

  @Override
  public ModelMetadata metadata() {
    return version.model().metadata();
  }

  @Override
  public Processing processing() {
    return version.model().processing();
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    if (!version.model().retain()) { // the question has a lease of its own
      request.close();
      throw new IllegalStateException("version " + version.number() + " was let go before");
    }
    return answer(request, terms);
  }

  /** Answers one request, and lets go. */
  CompletionStage<InferenceResponse> answer(InferenceRequest request, Terms terms) {
    return trial == null ? version.answer(request, terms) : trial.answer(version, request, terms);
  }

  @Override
  public void release() {
    version.model().release();
  }
}
