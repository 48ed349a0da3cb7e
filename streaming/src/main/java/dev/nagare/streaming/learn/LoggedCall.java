package dev.nagare.streaming.learn;

import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.join.Unlogged;
import dev.nagare.streaming.kafka.LogAppender;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts a record into the log that a model learns from, and waits a while until its learner has come
 * to it.
 *
 * @param config of the model
 * @param learner in this process, which may not be the one that learns
 * @param log where the record goes
 */
record LoggedCall(LearnedModel config, Learner learner, LogAppender log) {
  /** How long an answer waits for the learner. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /**
   * Appends and waits.
   *
   * @param headers of the record, by the mark of the call
   * @param id for the answer
   */
  CompletableFuture<InferenceResponse> append(
      byte[] value, Function<String, Map<String, String>> headers, @Nullable String id) {
    LearnCalls.Call call = learner.calls().begin();
    return log.append(config.topic(), null, value, headers.apply(call.mark()))
        .exceptionallyCompose(
            failure -> {
              call.learned().cancel(false);
              return CompletableFuture.failedFuture(Unlogged.refusal(failure));
            })
        .thenCompose(offset -> answer(call, id, config.topic() + "-0-" + offset));
  }

  private CompletableFuture<InferenceResponse> answer(
      LearnCalls.Call call, @Nullable String id, String receipt) {
    var status = learner.status();
    if (!status.learning() && !call.learned().isDone()) {
      call.learned().cancel(false);
      return CompletableFuture.completedFuture(
          Learned.pending(config.name(), status.version(), id, receipt));
    }
    return call.learned()
        .orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .handle(
            (learned, failure) -> {
              if (learned != null) {
                return learned.answer(config.name(), id, receipt);
              }
              if (failure instanceof ProtocolException refused) {
                throw new CompletionException(refused);
              }
              return Learned.pending(config.name(), learner.status().version(), id, receipt);
            });
  }
}
