package dev.nagare.server.config;

import dev.nagare.server.config.Reading.Declared;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Every key of a file with unit, default, range and effect, as the code that reads the file
 * declares them: what is read is what is told.
 *
 * @param of which file
 * @param parts the sections, in reading order
 */
public record Reference(File of, List<Part> parts) {

  /** What is configured by keys. */
  public enum File {
    /** What {@code nagare serve} starts with. */
    START_UP("nagare.yaml", ""),
    /** What is said of all versions of a model of the repository. */
    MODEL(
        "<model>/model.yaml",
        "In a model's folder of the repository, beside its versions: which of them are served, and"
            + " how they compute."),
    /** What is said of one version. */
    VERSION(
        "<model>/<version>/model.yaml",
        "In the folder of one version, beside `model.onnx`: what stands before and after it.");

    private final String path;
    private final String about;

    File(String path, String about) {
      this.path = path;
      this.about = about;
    }

    /** Where it lies. */
    public String path() {
      return path;
    }
  }

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

  /** Of every file. */
  public static List<Reference> all() {
    return Stream.of(File.values()).map(Reference::of).toList();
  }

  /** Of one file. */
  public static Reference of(File file) {
    var gathering = new Gathering();
    switch (file) {
      case START_UP ->
          Specimens.startUp().forEach((of, text) -> gathering.add(of, NagareConfig.declared(text)));
      case MODEL ->
          Specimens.models()
              .forEach((of, text) -> gathering.add(of, ModelFileReader.declaredOfModel(text)));
      case VERSION ->
          Specimens.versions()
              .forEach(
                  (of, each) ->
                      gathering.add(
                          of,
                          ModelFileReader.declaredOfVersion(
                              each.text(), each.inputs(), each.outputs())));
    }
    return new Reference(file, gathering.parts());
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

    List<Part> parts() {
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
      return List.copyOf(parts.values());
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

  /** All files as a page. */
  public static String markdown() {
    var page = new StringBuilder();
    page.append("# Configuration reference\n\n")
        .append(
            "<!-- Written by `./nagare config`: change the declarations in server/config. -->\n\n")
        .append("Every key of the [start-up file](configuration.md), and of the two files")
        .append(
            " [`model.yaml`](configuration.md#modelyaml) at the end, with the default, the unit")
        .append(" and the range that the reader itself has.\n");
    all().forEach(reference -> reference.append(page));
    return page.toString();
  }

  private void append(StringBuilder page) {
    String heading = "\n## ";
    if (!of.about.isEmpty()) {
      page.append(heading).append(code(of.path)).append("\n\n").append(of.about).append('\n');
      heading = "\n### ";
    }
    for (Part part : parts) {
      if (part.entries().isEmpty()) {
        continue;
      }
      page.append(heading).append(part.path().isEmpty() ? "At the top" : code(part.path()));
      page.append("\n\n");
      if (!part.effect().isEmpty()) {
        page.append(part.effect()).append(".\n\n");
      }
      page.append("| key | default | unit | range | effect |\n|---|---|---|---|---|\n");
      part.entries().forEach(entry -> row(page, entry));
    }
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
