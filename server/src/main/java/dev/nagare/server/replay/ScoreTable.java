package dev.nagare.server.replay;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.Locale;

/** The closing table: a model's errors beside those of its baselines. */
final class ScoreTable {
  private ScoreTable() {}

  /** Prints what a model's status says. */
  static void print(PrintWriter out, String model, JsonNode status) {
    out.printf(
        Locale.ROOT,
        "%s version %d, %d dead letters%n",
        model,
        status.path("version").asLong(),
        status.path("dead_letters").asLong());
    JsonNode scores = status.path("scores");
    if (!scores.isObject()) {
      out.println("no scores: nothing was learned by this server process");
      return;
    }
    out.println(
        scores.path("measure").asText().equals("accuracy")
            ? "share of classes that were right before they were known, higher is better:"
            : "error of what was predicted before it was known, lower is better:");
    out.printf("  %-16s %10s %10s%n", "", "windowed", "fading");
    for (var entry : scores.path("windowed").properties()) {
      out.printf(
          "  %-16s %10s %10s%n",
          entry.getKey().equals("model") ? model : entry.getKey(),
          number(entry.getValue()),
          number(scores.path("fading").path(entry.getKey())));
    }
  }

  private static String number(JsonNode value) {
    return value.isNumber() ? String.format(Locale.ROOT, "%.4g", value.asDouble()) : "–";
  }
}
