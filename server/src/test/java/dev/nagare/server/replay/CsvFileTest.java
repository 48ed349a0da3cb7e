package dev.nagare.server.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvFileTest {
  @TempDir Path folder;

  @Test
  void readsRecordsAsRfc4180HasThem() throws IOException {
    assertThat(read("a,b\r\n1,\"x, \"\"y\"\"\nz\"\n\n,\n\"\",2", ','))
        .containsExactly(
            List.of("a", "b"), List.of("1", "x, \"y\"\nz"), List.of("", ""), List.of("", "2"));
  }

  @Test
  void passesAByteOrderMarkOverAndTakesOtherDelimiters() throws IOException {
    assertThat(read("\uFEFFa;b\n1;2,5\n", ';'))
        .containsExactly(List.of("a", "b"), List.of("1", "2,5"));
    assertThat(read("", ',')).isEmpty();
  }

  @Test
  void namesTheLineOfAFault() {
    assertThatThrownBy(() -> read("a\n\"x\"y\n", ','))
        .hasMessageEndingWith("rows.csv:2: expected a delimiter after the closing quote");
    assertThatThrownBy(() -> read("a\n\"x\ny", ','))
        .hasMessageEndingWith("rows.csv:2: expected a closing quote");
  }

  @Test
  void knowsHowFarItIs() throws IOException {
    Path path = Files.writeString(folder.resolve("rows.csv"), "a,b\n".repeat(20_000));
    try (var file = new CsvFile(path, ',')) {
      file.read();
      assertThat(file.fraction()).isBetween(0.01, 0.5);
      assertThat(file.line()).isEqualTo(1);
      while (file.read() != null) {
        assertThat(file.fraction()).isPositive();
      }
      assertThat(file.fraction()).isEqualTo(1);
    }
  }

  private List<List<String>> read(String text, char delimiter) throws IOException {
    Path path = Files.writeString(folder.resolve("rows.csv"), text);
    var records = new ArrayList<List<String>>();
    try (var file = new CsvFile(path, delimiter)) {
      for (List<String> record = file.read(); record != null; record = file.read()) {
        records.add(record);
      }
    }
    return records;
  }
}
