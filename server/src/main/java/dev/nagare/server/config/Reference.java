package dev.nagare.server.config;

import dev.nagare.server.config.Reading.Declared;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Every key of the start-up file with unit, default, range and effect, as the code that reads the
 * file declares them: what is read is what is told.
 *
 * @param parts the sections, in reading order
 */
public record Reference(List<Part> parts) {

  /**
   * A section.
   *
   * @param path such as {@code models[].learner}; empty for the top
   * @param effect what it is about, Markdown; empty for the top
   * @param entries its keys
   */
  public record Part(String path, String effect, List<Entry> entries) {}

  /**
   * A key.
   *
   * @param path such as {@code server.port}
   * @param unit of its value; empty for none
   * @param usual its default; empty for none
   * @param range what may stand there
   * @param effect what it does, Markdown
   */
  public record Entry(String path, String unit, String usual, String range, String effect) {}

  /** Of the start-up file. */
  public static Reference ofStartUpFile() {
    var gathering = new Gathering();
    Specimens.all().forEach((of, file) -> gathering.add(of, NagareConfig.declared(file)));
    return gathering.reference();
  }

  /** Unites what several readings asked for. */
  private static final class Gathering {
    private final List<String> order = new ArrayList<>();
    private final Map<String, Declared> found = new LinkedHashMap<>();
    private final Map<String, Map<String, String>> defaults = new LinkedHashMap<>();

    /** Puts what is new behind what was asked before it. */
    void add(String of, List<Declared> declared) {
      int at = 0;
      for (Declared each : declared) {
        // A key that may be a text or a section is both.
        String path = each.path().replaceAll("\\[\\d+]", "[]") + (each.range() == null ? "." : "");
        if (found.putIfAbsent(path, each) == null) {
          order.add(at, path);
        }
        at = order.indexOf(path) + 1;
        defaults
            .computeIfAbsent(path, ignored -> new LinkedHashMap<>())
            .putIfAbsent(each.usual(), of);
      }
    }

    Reference reference() {
      var parts = new LinkedHashMap<String, Part>();
      parts.put("", new Part("", "", new ArrayList<>()));
      for (String path : order) {
        Declared each = Objects.requireNonNull(found.get(path));
        Key key = each.key();
        if (path.endsWith(".")) {
          String section = path.substring(0, path.length() - 1);
          parts.put(section, new Part(section, key.effect(), new ArrayList<>()));
        } else {
          String section =
              path.length() == key.name().length()
                  ? ""
                  : path.substring(0, path.length() - key.name().length() - 1);
          String range = each.range() == null ? "" : each.range();
          Objects.requireNonNull(parts.get(section))
              .entries()
              .add(new Entry(path, key.unit(), usual(path), range, key.effect()));
        }
      }
      return new Reference(List.copyOf(parts.values()));
    }

    private String usual(String path) {
      Map<String, String> values = Objects.requireNonNull(defaults.get(path));
      if (values.size() == 1) {
        return values.keySet().iterator().next();
      }
      var words = new ArrayList<String>();
      values.forEach((value, of) -> words.add(value + " (" + of + ")"));
      return String.join(", ", words);
    }
  }

  /** As a page. */
  public String markdown() {
    var page = new StringBuilder();
    page.append("# Configuration reference\n\n")
        .append(
            "<!-- Written by `./nagare config`: change the declarations in server/config. -->\n\n")
        .append("Every key of the [start-up file](configuration.md), with the default, the unit")
        .append(" and the range that the reader itself has.\n");
    for (Part part : parts) {
      if (part.entries().isEmpty()) {
        continue;
      }
      page.append("\n## ").append(part.path().isEmpty() ? "At the top" : code(part.path()));
      page.append("\n\n");
      if (!part.effect().isEmpty()) {
        page.append(part.effect()).append(".\n\n");
      }
      page.append("| key | default | unit | range | effect |\n|---|---|---|---|---|\n");
      part.entries().forEach(entry -> row(page, entry));
    }
    return page.toString();
  }

  private static void row(StringBuilder page, Entry entry) {
    String name = entry.path().substring(entry.path().lastIndexOf('.') + 1);
    page.append("| ").append(code(name));
    for (String cell : List.of(entry.usual(), entry.unit(), entry.range(), entry.effect())) {
      page.append(" | ").append(cell.replace("|", "\\|"));
    }
    page.append(" |\n");
  }

  private static String code(String text) {
    return "`" + text + "`";
  }
}
