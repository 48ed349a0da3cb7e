package dev.nagare.loadtest.bench.learn;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file of comma-separated values without quotes, as the data sets of the suite are.
 *
 * @param columns names, in order
 * @param lines records, as they stand in the file
 */
record Series(List<String> columns, List<String> lines) {

  static Series read(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file, UTF_8);
    return new Series(
        List.of(lines.getFirst().split(",", -1)),
        lines.subList(1, lines.size()).stream().filter(line -> !line.isBlank()).toList());
  }

  int size() {
    return lines.size();
  }

  /** One column, as text. */
  List<String> texts(String column) {
    int index = columns.indexOf(column);
    return lines.stream().map(line -> line.split(",", -1)[index]).toList();
  }

  /** One column. */
  double[] numbers(String column) {
    return texts(column).stream().mapToDouble(Double::parseDouble).toArray();
  }

  /** The records as a topic holds them. */
  List<byte[]> records() {
    List<byte[]> records = new ArrayList<>(lines.size());
    for (String line : lines) {
      records.add(line.getBytes(UTF_8));
    }
    return records;
  }
}
