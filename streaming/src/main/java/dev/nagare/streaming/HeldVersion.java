package dev.nagare.streaming;

import dev.nagare.models.processing.Processing;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import java.util.concurrent.CompletionStage;

/**
 * A version of a model that is held while a caller works with it, so that what comes before the
 * model and what comes after it are of the version that answers. Safe for any thread.
 */
public interface HeldVersion {

  /** The version's description. */
  ModelMetadata metadata();

  /** What the version has before and after it. */
  Processing processing();

  /** Answers a request, as {@link ModelService#infer}, with this version. */
  CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms);

  /** Lets go; to be called once, after the last answer. */
  void release();
}
