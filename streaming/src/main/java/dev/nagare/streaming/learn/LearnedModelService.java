package dev.nagare.streaming.learn;

import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelLineage;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import reactor.core.publisher.Flux;

/** A model that is asked by the doors and taught by its learner. */
public final class LearnedModelService implements ModelService {
  private final Questions questions;
  private final Learner learner;

  /** Joins the two. */
  public LearnedModelService(Questions questions, Learner learner) {
    this.questions = questions;
    this.learner = learner;
  }

  @Override
  public String name() {
    return questions.model().name();
  }

  @Override
  public ModelMetadata metadata() {
    return questions.model().metadata();
  }

  @Override
  public ModelStatus status() {
    return learner.status();
  }

  @Override
  public ModelLineage lineage() {
    return learner.reports().lineage();
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    try {
      return questions.ask(request, request.id(), terms);
    } catch (ProtocolException refusal) {
      request.close();
      return CompletableFuture.failedFuture(refusal);
    }
  }

  @Override
  public Flux<LearningEvent> events() {
    return learner.reports().events();
  }
}
