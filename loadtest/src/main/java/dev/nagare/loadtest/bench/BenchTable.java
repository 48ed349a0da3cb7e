package dev.nagare.loadtest.bench;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Figures as a person reads them. */
final class BenchTable {
  private BenchTable() {}

  /** One figure, with all that is known about it. */
  static String block(BenchResult result) {
    var text = new StringBuilder(result.name()).append('\n');
    if (result.ours() != null) {
      line(text, "ours", value(result.unit(), result.ours()), "");
    }
    if (result.peer() != null) {
      String name = result.peer_name() == null ? "" : result.peer_name();
      line(text, "peer", value(result.unit(), result.peer()), name);
    }
    if (result.ratio() != null) {
      line(text, "ratio", value("x", result.ratio()), interval(result));
    }
    return text.append("  ").append(result.note()).append('\n').toString();
  }

  private static String interval(BenchResult result) {
    return result.low() == null || result.high() == null
        ? ""
        : String.format(Locale.ROOT, "95 %% interval %.2f to %.2f", result.low(), result.high());
  }

  private static void line(StringBuilder text, String what, String value, String more) {
    text.append(String.format(Locale.ROOT, "  %-6s %14s  %s", what, value, more).stripTrailing());
    text.append('\n');
  }

  /** All figures, a line each. */
  static String closing(List<BenchResult> results) {
    var text = new StringBuilder();
    text.append(String.format("%-24s %14s %14s %10s%n", "figure", "ours", "peer", "ratio"));
    for (BenchResult result : results) {
      text.append(
          String.format(
              "%-24s %14s %14s %10s%n",
              result.name(),
              result.ours() == null ? "not measured" : value(result.unit(), result.ours()),
              shown(result.unit(), result.peer()),
              shown("x", result.ratio())));
    }
    return text.toString();
  }

  private static String shown(String unit, @Nullable Double value) {
    return value == null ? "" : value(unit, value);
  }

  private static String value(String unit, double value) {
    return switch (unit) {
      case "x" -> String.format(Locale.ROOT, "%.2f x", value);
      case "fraction" -> String.format(Locale.ROOT, "%.4f", value);
      case "1/s" -> String.format(Locale.ROOT, "%,.0f/s", value);
      case "bytes" -> String.format(Locale.ROOT, "%,.0f B", value);
      default ->
          value >= 0.1
              ? String.format(Locale.ROOT, "%.2f s", value)
              : value >= 1e-3
                  ? String.format(Locale.ROOT, "%.2f ms", value * 1e3)
                  : value >= 1e-6
                      ? String.format(Locale.ROOT, "%.1f us", value * 1e6)
                      : String.format(Locale.ROOT, "%.1f ns", value * 1e9);
    };
  }
}
