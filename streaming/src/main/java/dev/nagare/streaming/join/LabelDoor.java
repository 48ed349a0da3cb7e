package dev.nagare.streaming.join;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.Caller;
import dev.nagare.streaming.LabelReceipt;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.kafka.LogAppender;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Labels that callers give: they are put into the log and acknowledged, and joined from there. What
 * becomes of one, the join decides.
 *
 * <p>Safe for any thread; never blocks. A label that is given again does nothing.
 */
public final class LabelDoor {
  /** The header of labels whose giver may label any prediction. */
  static final String ANY = "nagare-label-any";

  private final String topic;
  private final String predictions;
  private final int classes;
  private final LogAppender log;

  /**
   * Opens a door.
   *
   * @param classes of the model
   */
  public LabelDoor(LearnedModel config, int classes, LogAppender log) {
    this.topic = topic(config);
    this.predictions = Capture.topic(config);
    this.classes = classes;
    this.log = log;
  }

  /** The topic of a model's labels. */
  static String topic(LearnedModel config) {
    return config.name() + ".labels";
  }

  /**
   * Takes one label, or a list of them in {@code labels}.
   *
   * @param caller who gives them; whether the predictions are its own, the join finds
   * @return receipts in the order of the labels; fails with a {@link ProtocolException}, 503 if the
   *     log did not acknowledge all of them
   * @throws ProtocolException 400, 413 if any of them cannot be one; then none was taken
   */
  public CompletableFuture<List<LabelReceipt>> take(byte[] body, Caller caller) {
    List<LabelRecord> labels = LabelRecord.readAll(body, classes, this::fault);
    Map<String, String> headers = headers(caller);
    List<CompletableFuture<LabelReceipt>> receipts = new ArrayList<>(labels.size());
    for (LabelRecord label : labels) {
      receipts.add(
          log.append(topic, label.id().getBytes(UTF_8), label.write(), headers)
              .thenApply(offset -> new LabelReceipt(label.id(), topic + "-0-" + offset)));
    }
    return CompletableFuture.allOf(receipts.toArray(CompletableFuture[]::new))
        .handle(
            (all, failure) -> {
              if (failure != null) {
                throw refusal(failure);
              }
              return receipts.stream().map(CompletableFuture::join).toList();
            });
  }

  private static Map<String, String> headers(Caller caller) {
    return caller.labelsAny()
        ? Map.of(Capture.PRINCIPAL, caller.principal(), ANY, "yes")
        : Map.of(Capture.PRINCIPAL, caller.principal());
  }

  private static ProtocolException refusal(Throwable failure) {
    ProtocolException refusal = Unlogged.refusal(failure);
    return refusal.status() == 503
        ? new ProtocolException(503, refusal.getMessage() + ", which does no harm")
        : refusal;
  }

  private @Nullable String fault(String id) {
    boolean ours =
        PredictionId.parse(id)
            .filter(place -> place.topic().equals(predictions) && place.partition() == 0)
            .isPresent();
    return ours
        ? null
        : "id: expected a prediction_id such as "
            + new PredictionId(predictions, 0, 17)
            + ", got "
            + id;
  }
}
