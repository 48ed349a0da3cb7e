package dev.nagare.server.config;

import dev.nagare.streaming.StreamingConfig.Joining;
import dev.nagare.streaming.StreamingConfig.Unfit;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The section {@code labels} of a model whose labels are joined with its predictions. */
final class JoiningSection {
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
      model.none("only for examples: joined", "labels");
      return null;
    }
    if (classes == 0) {
      model.fault(
          "examples", "joined: expected task: classify, since a forecast's label is the next rows");
    }
    if (!capture) {
      model.fault(
          "examples", "joined: expected capture: sync, since only recorded answers have an id");
    }
    Section in = model.section("labels");
    var joining =
        new Joining(
            Duration.ofSeconds(in.integer("wait-seconds", 3600, 1, 31_536_000)),
            in.integer("most-predictions", 100_000, 1, 100_000_000),
            in.integer("most-bytes", 256L << 20, 1L << 10, Long.MAX_VALUE),
            in.choice("late", Unfit.KEEP),
            in.choice("unmatched", Unfit.KEEP),
            in.integer("unlabelled", -1, -1, Math.max(0, classes - 1)));
    in.end();
    return joining;
  }
}
