package dev.nagare.streaming;

import dev.nagare.streaming.batch.LoadedModel;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * A model of the repository: it answers while a version of it is loaded, and does not learn. The
 * same for all its versions.
 */
final class LoadedModelService implements ModelService {
  private final String name;
  private volatile @Nullable Version current;
  private volatile @Nullable String failure;
  private volatile long wanted;

  /** A version that answers, and the way to it. */
  private record Version(LoadedModel model, Questions questions) {}

  LoadedModelService(String name, long wanted) {
    this.name = name;
    this.wanted = wanted;
  }

  /** This version answers from now on; returns the one that answered before. */
  @Nullable LoadedModel answerWith(LoadedModel model, Questions questions) {
    Version before = current;
    wanted = model.version();
    failure = null;
    current = new Version(model, questions);
    return before == null ? null : before.model;
  }

  /** Nothing answers from now on; returns the version that did. */
  @Nullable LoadedModel takeOut() {
    Version before = current;
    current = null;
    failure = "it was unloaded";
    return before == null ? null : before.model;
  }

  /** What was to be loaded cannot be; an older version, if there is one, answers on. */
  void failed(String reason) {
    failure = reason;
  }

  /** The version that answers; -1 if none does. */
  long answering() {
    Version now = current;
    return now == null ? -1 : now.model.version();
  }

  /** Why the last version could not be loaded; null if it could. */
  @Nullable String failure() {
    return failure;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ModelMetadata metadata() {
    return ready().model.metadata();
  }

  private Version ready() {
    Version ready = current;
    if (ready == null) {
      String reason = failure;
      throw new ProtocolException(
          503,
          reason == null
              ? "model '" + name + "' is being loaded; try again soon"
              : "model '" + name + "' could not be loaded: " + reason);
    }
    return ready;
  }

  @Override
  public ModelStatus status() {
    Version now = current;
    return ModelStatus.loaded(now == null ? wanted : now.model.version(), now != null, failure);
  }

  @Override
  public ModelLineage lineage() {
    throw new ProtocolException(
        404, "model '" + name + "' was loaded from a file and does not learn: it has no lineage");
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    Version version;
    try {
      version = ready();
      while (!version.model.retain()) {
        version = ready(); // freed between the two looks: then there is a newer one, or none
      }
    } catch (ProtocolException refusal) {
      request.close();
      return CompletableFuture.failedFuture(refusal);
    }
    LoadedModel model = version.model;
    try {
      CompletableFuture<InferenceResponse> answer =
          version.questions.ask(request, request.id(), terms);
      return answer.whenComplete((response, thrown) -> model.release());
    } catch (ProtocolException refusal) {
      model.release();
      request.close();
      return CompletableFuture.failedFuture(refusal);
    }
  }

  @Override
  public Flux<LearningEvent> events() {
    return Flux.never();
  }
}
