package dev.nagare.streaming;

import dev.nagare.models.repository.ModelPackage;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** A model of the repository: it answers once it is loaded, and does not learn. */
final class LoadedModelService implements ModelService {
  private final ModelPackage from;
  private volatile @Nullable Questions questions;
  private volatile @Nullable String failure;

  LoadedModelService(ModelPackage from) {
    this.from = from;
  }

  /** The model answers from now on. */
  void loaded(Questions ready) {
    questions = ready;
  }

  /** The model will not answer. */
  void failed(String reason) {
    failure = reason;
  }

  @Override
  public String name() {
    return from.name();
  }

  @Override
  public ModelMetadata metadata() {
    return ready().model().metadata();
  }

  private Questions ready() {
    Questions ready = questions;
    if (ready == null) {
      String reason = failure;
      throw new ProtocolException(
          503,
          reason == null
              ? "model '" + name() + "' is being loaded; try again soon"
              : "model '" + name() + "' could not be loaded: " + reason);
    }
    return ready;
  }

  @Override
  public ModelStatus status() {
    return ModelStatus.loaded(from.version(), questions != null, failure);
  }

  @Override
  public ModelLineage lineage() {
    throw new ProtocolException(
        404, "model '" + name() + "' was loaded from a file and does not learn: it has no lineage");
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    try {
      return ready().ask(request, request.id(), terms);
    } catch (ProtocolException refusal) {
      request.close();
      return CompletableFuture.failedFuture(refusal);
    }
  }

  @Override
  public Flux<LearningEvent> events() {
    return Flux.never();
  }
}
