package dev.nagare.server.config;

import dev.nagare.streaming.StreamingConfig.Joining;
import dev.nagare.streaming.StreamingConfig.Unfit;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The section {@code labels} of a model whose labels are joined with its predictions. */
final class JoiningSection {
  private static final Key LABELS =
      Key.of("labels", "How labels find their predictions, for `examples: joined`");
  private static final Key WAIT =
      Key.of(
              "wait-seconds",
              "how long a prediction waits for its label, in the time of the records; what"
                  + " is older is forgotten")
          .in("s");
  private static final Key MOST_PREDICTIONS =
      Key.of(
              "most-predictions",
              "predictions that are remembered, labelled or not; beyond it the oldest is"
                  + " forgotten. What a restart reads again")
          .in("predictions");
  private static final Key MOST_BYTES =
      Key.of("most-bytes", "of the predictions that wait; beyond it the oldest is forgotten")
          .in("bytes");
  private static final Key LATE =
      Key.of(
          "late",
          "what the dead-letter topic keeps of a label whose prediction is forgotten:"
              + " `keep` the label, `note` only where it was and why");
  private static final Key UNMATCHED =
      Key.of("unmatched", "the same of a label that is of no prediction");
  private static final Key UNLABELLED =
      Key.of(
              "unlabelled",
              "the class that a prediction is learned with when its label did not come in"
                  + " time; -1: it teaches nothing")
          .within("-1 or a class");

  private JoiningSection() {}

  /**
   * Reads the section.
   *
   * @param model the entry that has it
   * @param joined whether the model learns from joined examples; if not, there is nothing to read
   * @param capture whether answers are recorded
   * @param classes of the model; 0 for a forecast
   */
  static @Nullable Joining read(Section model, boolean joined, boolean capture, int classes) {
    if (!joined) {
      model.none("only for examples: joined", LABELS);
      return null;
    }
    if (classes == 0) {
      model.fault(
          ModelSection.EXAMPLES,
          "joined: expected task: classify, since a forecast's label is the next rows");
    }
    if (!capture) {
      model.fault(
          ModelSection.EXAMPLES,
          "joined: expected capture: sync, since only recorded answers have an id");
    }
    Section in = model.section(LABELS);
    var joining =
        new Joining(
            Duration.ofSeconds(in.integer(WAIT, 3600, 1, 31_536_000)),
            in.integer(MOST_PREDICTIONS, 100_000, 1, 100_000_000),
            in.integer(MOST_BYTES, 256L << 20, 1L << 10, Long.MAX_VALUE),
            in.choice(LATE, Unfit.KEEP),
            in.choice(UNMATCHED, Unfit.KEEP),
            in.integer(UNLABELLED, -1, -1, Math.max(0, classes - 1)));
    in.end();
    return joining;
  }
}
