package dev.nagare.streaming;

import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import java.util.concurrent.CompletionStage;
import reactor.core.publisher.Flux;

/** One model as the doors of the server see it. Safe for any thread. */
public interface ModelService {

  /** The model's name. */
  String name();

  /** The model's description. */
  ModelMetadata metadata();

  /** What the model is doing now. */
  ModelStatus status();

  /**
   * Which records made the version that answers, and from which checkpoints it can be rebuilt.
   *
   * @throws dev.nagare.streaming.protocol.ProtocolException status 404 if the model does not learn
   */
  ModelLineage lineage();

  /**
   * Answers a request; has no effect on the model. Never blocks.
   *
   * @param request decoded with the door's {@link dev.nagare.streaming.protocol.ProtocolJson}; the
   *     service closes it
   * @param terms of the caller, for this request alone; {@link Terms#leave()} says that it does not
   *     wait any more
   * @return completes on a compute lane, or wherever it ends before; fails with a {@link
   *     dev.nagare.streaming.protocol.ProtocolException} that says what was wrong: 429 if it was
   *     refused at the door, 504 if its deadline passed, 499 if its caller left
   */
  CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms);

  /**
   * What the learner does, as it happens: hot, for any number of subscribers; one that is too slow
   * misses events and is never waited for.
   */
  Flux<LearningEvent> events();
}
