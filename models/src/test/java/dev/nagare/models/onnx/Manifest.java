package dev.nagare.models.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which cases of the ONNX test suite pass, committed, so that a change shows what it gains and what
 * it loses. A line is a case, its operators and {@code pass} or why it does not, with tabs between.
 */
final class Manifest {
  private static final String RESOURCE = "onnx-manifest.txt";

  private Manifest() {}

  /**
   * A case.
   *
   * @param name such as {@code node/test_abs}
   * @param operators of its model, branches not counted
   * @param reason why it does not pass; empty if it does
   */
  record Entry(String name, List<String> operators, String reason) {
    boolean passes() {
      return reason.isEmpty();
    }

    @Override
    public String toString() {
      return name + "\t" + String.join(",", operators) + "\t" + (passes() ? "pass" : reason);
    }
  }

  /** What is committed. */
  static Map<String, Entry> read() throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    try (InputStream in = Manifest.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        return entries;
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.lines().filter(it -> !it.startsWith("#")).toList()) {
        String[] parts = line.split("\t", 3);
        List<String> operators = parts[1].isEmpty() ? List.of() : List.of(parts[1].split(","));
        String reason = parts[2].equals("pass") ? "" : parts[2];
        entries.put(parts[0], new Entry(parts[0], operators, reason));
      }
    }
    return entries;
  }

  /** Writes what a run found. */
  static void write(Path path, List<Entry> entries) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("# Cases of libonnx-testdata 1.12.0: name, operators, pass or why not.");
    entries.forEach(entry -> lines.add(entry.toString()));
    Files.write(path, lines);
  }
}
