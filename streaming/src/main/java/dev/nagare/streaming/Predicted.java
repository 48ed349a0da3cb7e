package dev.nagare.streaming;

import dev.nagare.streaming.join.LabelRecord;
import dev.nagare.streaming.join.PredictionId;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What classifiers predicted lately, by the id of the answer, until its label comes. In memory, and
 * no more than {@value #MOST_ROWS} rows: the oldest give way.
 *
 * <p>Safe for any thread.
 */
final class Predicted {
  /** More classes than a label may name. */
  static final int MOST_CLASSES = 65_536;

  private static final int MOST_ROWS = 100_000;

  private final String topic;
  private final Map<String, Given> waiting = new LinkedHashMap<>(); // guarded by this
  private long next; // guarded by this
  private int rows; // guarded by this

  /**
   * A prediction.
   *
   * @param byCanary whether the canary made it
   * @param owner the principal that asked for it
   * @param classes the likeliest class of each row
   * @param shadows what a shadow says to the same; null before it does
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  record Given(boolean byCanary, String owner, int[] classes, int @Nullable [] shadows) {}

  /** A label and the prediction that it is about; null if there is none. */
  record Labelled(LabelRecord label, @Nullable Given given) {}

  Predicted(String model) {
    this.topic = model + ".canary";
    // Ids of an earlier canary are not given again.
    this.next = System.currentTimeMillis() * 1_000;
  }

  /** Remembers an answer under an id; null if it has no classes. */
  @Nullable String add(InferenceResponse answer, boolean byCanary, String owner) {
    int[] classes = classes(answer);
    if (classes == null) {
      return null;
    }
    synchronized (this) {
      String id = new PredictionId(topic, 0, next++).toString();
      waiting.put(id, new Given(byCanary, owner, classes, null));
      rows += classes.length;
      for (Iterator<Given> oldest = waiting.values().iterator(); rows > MOST_ROWS; ) {
        rows -= oldest.next().classes.length;
        oldest.remove();
      }
      return id;
    }
  }

  /** Remembers what a shadow says to the same request, unless its label has come already. */
  synchronized void add(String id, InferenceResponse shadows) {
    int[] own = classes(shadows);
    Given given = waiting.get(id);
    if (own != null && given != null && own.length == given.classes.length) {
      waiting.put(id, new Given(given.byCanary, given.owner, given.classes, own));
    }
  }

  /** Of the first output that has a score for each class of each row; null if none has. */
  static int @Nullable [] classes(InferenceResponse answer) {
    for (InferenceResponse.Output output : answer.outputs()) {
      List<Long> shape = output.shape();
      if (output.dtype().isFloating()
          && shape.size() == 2
          && shape.get(0) <= MOST_ROWS
          && shape.get(1) > 1
          && shape.get(1) <= MOST_CLASSES) {
        return likeliest(output, shape.get(0).intValue(), shape.get(1).intValue());
      }
    }
    return null;
  }

  private static int[] likeliest(InferenceResponse.Output output, int rows, int width) {
    int[] classes = new int[rows];
    for (int row = 0; row < rows; row++) {
      for (int i = 1; i < width; i++) {
        if (output.number(row * width + i) > output.number(row * width + classes[row])) {
          classes[row] = i;
        }
      }
    }
    return classes;
  }

  /**
   * Takes the predictions that these labels are about, each once.
   *
   * @throws ProtocolException 400 if a prediction has another number of rows, 403 if another
   *     principal asked for it; then none is taken
   */
  synchronized List<Labelled> take(List<LabelRecord> labels, Caller caller) {
    for (LabelRecord label : labels) {
      Given given = waiting.get(label.id());
      if (given != null && given.classes.length != label.labels().length) {
        throw new ProtocolException(
            400,
            "label of "
                + label.id()
                + ": expected one for each of "
                + given.classes.length
                + " rows, got "
                + label.labels().length);
      }
      if (given != null && !caller.labelsAny() && !given.owner.equals(caller.principal())) {
        throw new ProtocolException(
            403,
            "label of "
                + label.id()
                + ": another principal asked for that prediction; expected that one, or scope"
                + " label:any");
      }
    }
    List<Labelled> taken = new ArrayList<>();
    for (LabelRecord label : labels) {
      Given given = waiting.remove(label.id());
      rows -= given == null ? 0 : given.classes.length;
      taken.add(new Labelled(label, given));
    }
    return taken;
  }
}
