package dev.nagare.streaming.join;

import java.util.Optional;

/**
 * The id of a recorded prediction: where it stands in the log. Nobody can guess one before it is
 * there, none is given twice, and whoever has one knows which partition's owner joins its label.
 *
 * @param topic of the predictions
 * @param partition of the topic
 * @param offset of the record
 */
public record PredictionId(String topic, int partition, long offset) {

  /** As callers have it: {@code <topic>-<partition>-<offset>}. */
  @Override
  public String toString() {
    return topic + "-" + partition + "-" + offset;
  }

  /** Reads an id; empty if the text is none. */
  public static Optional<PredictionId> parse(String text) {
    int last = text.lastIndexOf('-');
    int first = last < 1 ? -1 : text.lastIndexOf('-', last - 1);
    if (first < 1) {
      return Optional.empty();
    }
    try {
      int partition = Integer.parseInt(text, first + 1, last, 10);
      long offset = Long.parseLong(text, last + 1, text.length(), 10);
      var id = new PredictionId(text.substring(0, first), partition, offset);
      // "+1" and "01" are no numbers of an id.
      return id.toString().equals(text) ? Optional.of(id) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }
}
