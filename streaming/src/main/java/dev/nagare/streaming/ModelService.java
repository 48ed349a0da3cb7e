package dev.nagare.streaming;

import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import reactor.core.publisher.Flux;

/** One model as the doors of the server see it. Safe for any thread. */
public interface ModelService {

  /** The model's name. */
  String name();

  /** The model's description, of the version that answers requests without one. */
  ModelMetadata metadata();

  /**
   * One version of the model, for requests that name it.
   *
   * @throws ProtocolException status 404 if it is not served, 503 if nothing is yet
   */
  default ModelService version(String version) {
    String published = Long.toString(status().version());
    if (!version.equals(published)) {
      throw otherVersion(name(), version, published);
    }
    return this;
  }

  /** Says that a version is not the one that answers. */
  static ProtocolException otherVersion(String name, String version, String published) {
    return new ProtocolException(
        404,
        "model '"
            + name
            + "' answers with its published version only: asked for '"
            + version
            + "', published is "
            + published);
  }

  /**
   * What else is to be said of the version that answers, for people: {@code precision} is the dtype
   * in which it computes, {@code accuracy} how close that comes to F32. Nothing of a model that
   * learns.
   */
  default Map<String, String> parameters() {
    return Map.of();
  }

  /** Whether an answer may be one that was computed for an earlier request that asked the same. */
  default boolean remembersAnswers() {
    return false;
  }

  /** What the model is doing now. */
  ModelStatus status();

  /**
   * How many requests wait for a lane now, from all doors and topics. Counted when asked: for a
   * scrape, not for a door. 0 of a model without a queue.
   */
  default int waiting() {
    return 0;
  }

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
   * Holds the version that answers now, for a caller whose pictures or texts are to become requests
   * as that version wants them.
   *
   * @return to be released
   * @throws ProtocolException status 501 if the model takes tensors alone, 503 if no version
   *     answers
   */
  default HeldVersion holdVersion() {
    throw new ProtocolException(
        501, "model '" + name() + "' learns from rows and takes neither pictures nor texts");
  }

  /**
   * Puts an event into the log that the model learns from, and waits a while for the learner. Never
   * blocks.
   *
   * @param event a request of the protocol in JSON: input {@code row}, and the label's if the model
   *     has one
   * @return the prediction that was made before the event was learned, with running scores and the
   *     event's receipt, or with the receipt alone; fails with a {@link ProtocolException} that
   *     says what was wrong, 501 if the model learns from no log
   */
  default CompletionStage<InferenceResponse> learn(byte[] event) {
    return CompletableFuture.failedFuture(
        new ProtocolException(
            501, "model '" + name() + "' was loaded from a file and does not learn"));
  }

  /**
   * Puts a record into the log that takes the model back to one of its checkpoints, and waits a
   * while for the learner. Never blocks.
   *
   * @param body JSON: {@code {"version": …}}
   * @return the receipt and the version that answers now; fails with a {@link ProtocolException}
   *     that says what was wrong: 404 if there is no such checkpoint, 409 if it cannot be gone back
   *     to any more
   */
  default CompletionStage<InferenceResponse> rollBack(byte[] body) {
    return CompletableFuture.failedFuture(
        new ProtocolException(
            501, "model '" + name() + "' was loaded from a file and does not learn"));
  }

  /**
   * Puts labels of earlier predictions into the log. Never blocks.
   *
   * @param labels JSON: {@code {"id": …, "label": …}}, or a list of those in {@code labels}
   * @param caller who gives them: a label of somebody else's prediction is taken and never joined,
   *     unless the caller may label any
   * @return receipts in the order of the labels; fails with a {@link ProtocolException} that says
   *     what was wrong, 501 if the model's labels are not joined with its predictions
   */
  default CompletionStage<List<LabelReceipt>> label(byte[] labels, Caller caller) {
    return CompletableFuture.failedFuture(
        new ProtocolException(
            501, "model '" + name() + "' was loaded from a file and does not learn"));
  }

  /**
   * What the learner does, as it happens: hot, for any number of subscribers; one that is too slow
   * misses events and is never waited for.
   */
  Flux<LearningEvent> events();
}
