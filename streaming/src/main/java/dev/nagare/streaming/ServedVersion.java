package dev.nagare.streaming;

import dev.nagare.models.repository.ModelFile;
import dev.nagare.streaming.batch.LoadedModel;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import reactor.core.publisher.Flux;

/** One version of a model of the repository, and the way to it. Safe for any thread. */
final class ServedVersion implements ModelService {
  private final LoadedModelService of;
  private final LoadedModel model;
  private final Questions questions;
  private final VersionStamp stamp;
  private final ModelFile says;

  /**
   * Creates a version that nobody can ask for yet.
   *
   * @param of the model whose version it is
   * @param stamp of the files that it was loaded from
   * @param says how it was to compute, and what to remember
   */
  ServedVersion(
      LoadedModelService of,
      LoadedModel model,
      Questions questions,
      VersionStamp stamp,
      ModelFile says) {
    this.of = of;
    this.model = model;
    this.questions = questions;
    this.stamp = stamp;
    this.says = says;
  }

  /** What computes. */
  LoadedModel model() {
    return model;
  }

  /** The way to it. */
  Questions questions() {
    return questions;
  }

  /** Its number. */
  long number() {
    return model.version();
  }

  /** Whether it was loaded from these files, as they are now, to work so. */
  boolean isFrom(VersionStamp files, ModelFile asked) {
    return stamp.equals(files)
        && says.precision().equals(asked.precision())
        && says.reuse().equals(asked.reuse());
  }

  @Override
  public String name() {
    return of.name();
  }

  @Override
  public ModelMetadata metadata() {
    ModelMetadata own = model.metadata();
    return new ModelMetadata(
        own.name(), of.versions(), own.platform(), own.inputs(), own.outputs());
  }

  @Override
  public Map<String, String> parameters() {
    return model.parameters();
  }

  @Override
  public boolean remembersAnswers() {
    return questions.remembers();
  }

  @Override
  public ModelStatus status() {
    return ModelStatus.loaded(number(), true, null);
  }

  @Override
  public int waiting() {
    return questions.waiting();
  }

  @Override
  public ModelLineage lineage() {
    return of.lineage();
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    if (!model.retain()) {
      request.close();
      return CompletableFuture.failedFuture(of.notServed(Long.toString(number())));
    }
    return answer(request, terms);
  }

  @Override
  public HeldVersion holdVersion() {
    if (!model.retain()) {
      throw of.notServed(Long.toString(number()));
    }
    return new Held(this, null);
  }

  /** Answers; whoever calls has retained the model for it. */
  CompletableFuture<InferenceResponse> answer(InferenceRequest request, Terms terms) {
    try {
      CompletableFuture<InferenceResponse> answer = questions.ask(request, request.id(), terms);
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
