package dev.nagare.streaming.join;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.streaming.LabelReceipt;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.kafka.LogAppender;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.IOException;
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
  /** Most labels in one call. */
  static final int MOST = 1000;

  private static final ObjectMapper JSON = new ObjectMapper();

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
   * @return receipts in the order of the labels; fails with a {@link ProtocolException}, 503 if the
   *     log did not acknowledge all of them
   * @throws ProtocolException 400, 413 if any of them cannot be one; then none was taken
   */
  public CompletableFuture<List<LabelReceipt>> take(byte[] body) {
    List<LabelRecord> labels = read(body);
    List<CompletableFuture<LabelReceipt>> receipts = new ArrayList<>(labels.size());
    for (LabelRecord label : labels) {
      receipts.add(
          log.append(topic, label.id().getBytes(UTF_8), label::write, Map.of())
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

  private static ProtocolException refusal(Throwable failure) {
    ProtocolException refusal = Unlogged.refusal(failure);
    return refusal.status() == 503
        ? new ProtocolException(503, refusal.getMessage() + ", which does no harm")
        : refusal;
  }

  private List<LabelRecord> read(byte[] body) {
    JsonNode root;
    try {
      root = JSON.readTree(body);
    } catch (IOException e) {
      throw new ProtocolException(400, "malformed JSON: expected {\"id\": …, \"label\": …}");
    }
    JsonNode many = root == null ? null : root.get("labels");
    if (many == null || !many.isArray()) {
      return List.of(read(root, ""));
    }
    if (many.isEmpty()) {
      throw new ProtocolException(400, "labels: expected at least one, got none");
    }
    if (many.size() > MOST) {
      throw new ProtocolException(
          413, "labels: expected at most " + MOST + " in a call, got " + many.size());
    }
    List<LabelRecord> labels = new ArrayList<>(many.size());
    for (int i = 0; i < many.size(); i++) {
      labels.add(read(many.get(i), "labels[" + i + "]: "));
    }
    return labels;
  }

  private LabelRecord read(@Nullable JsonNode node, String where) {
    try {
      LabelRecord label = LabelRecord.of(node, classes);
      boolean ours =
          PredictionId.parse(label.id())
              .filter(id -> id.topic().equals(predictions) && id.partition() == 0)
              .isPresent();
      if (!ours) {
        throw new LabelRecord.InvalidException(
            "id: expected a prediction_id such as "
                + new PredictionId(predictions, 0, 17)
                + ", got "
                + label.id());
      }
      return label;
    } catch (LabelRecord.InvalidException e) {
      throw new ProtocolException(400, where + e.getMessage());
    }
  }
}
