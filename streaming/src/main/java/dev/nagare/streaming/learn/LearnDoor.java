package dev.nagare.streaming.learn;

import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.codec.RecordCodec;
import dev.nagare.streaming.codec.RecordCodecs;
import dev.nagare.streaming.codec.RefusedRecordException;
import dev.nagare.streaming.codec.RowWriter;
import dev.nagare.streaming.kafka.LogAppender;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Events that callers give to be learned. The door puts them into the model's topic and learns
 * nothing itself: the learner reads them from there, as it reads all others, and the answer waits
 * for it.
 *
 * <p>Safe for any thread; never blocks.
 */
final class LearnDoor {
  private final LearnedModel config;
  private final ProtocolJson json;
  private final LoggedCall call;
  private final RowWriter writer;
  private final RecentIds recent = new RecentIds();
  private final int width;

  /**
   * Opens a door.
   *
   * @param json decodes events
   * @param log where they go
   */
  LearnDoor(LearnedModel config, Learner learner, ProtocolJson json, LogAppender log) {
    this.config = config;
    this.json = json;
    this.call = new LoggedCall(config, learner, log);
    this.writer = new RowWriter(config);
    this.width = config.features().size() + (config.label() == null ? 0 : 1);
  }

  /**
   * Puts an event into the log and waits a while until it is learned.
   *
   * @param event a request of the protocol: input {@code row}, and the label's if the model has one
   * @return the prediction that was made before it was learned, running scores and the receipt; or
   *     the receipt alone, marked as pending. Fails with a {@link ProtocolException}: 400, 404, 413
   *     for an event that teaches nothing, 409 if its id was another event's, 429 or 503 if the log
   *     does not take it
   */
  CompletableFuture<InferenceResponse> learn(byte[] event) {
    float[] row = new float[width];
    RecordCodec codec = RecordCodecs.ofCalls(config, json);
    try {
      InferenceRequest question = codec.read(event, row);
      if (question != null) {
        question.close();
        throw new ProtocolException(
            400, "input window: expected an event to learn from; windows are asked at infer");
      }
    } catch (RefusedRecordException e) {
      throw refusal(e);
    }
    byte[] value = writer.write(event, row);
    String id = codec.id();
    return id == null ? append(value, null) : recent.once(id, value, () -> append(value, id));
  }

  private static ProtocolException refusal(RefusedRecordException e) {
    int status =
        switch (e.refusal()) {
          case OVERSIZE -> 413;
          case UNKNOWN_MODEL -> 404;
          default -> 400;
        };
    return new ProtocolException(status, String.valueOf(e.getMessage()));
  }

  private CompletableFuture<InferenceResponse> append(byte[] value, @Nullable String id) {
    return call.append(value, mark -> Map.of(LearnCalls.HEADER, mark), id);
  }
}
