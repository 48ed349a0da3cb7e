package dev.nagare.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ReferenceTest {
  private final List<Reference> files = Reference.all();

  @Test
  void thePageIsWhatTheReaderDeclares() throws IOException {
    assertThat(Files.readString(Path.of("../docs/configuration-reference.md")))
        .as("written by: ./nagare config > docs/configuration-reference.md")
        .isEqualTo(Reference.markdown());
  }

  @Test
  void everyDeclaredKeyIsInIt() throws IllegalAccessException {
    Set<String> told = new HashSet<>();
    files.forEach(file -> file.parts().forEach(part -> told.add(part.effect())));
    entries().forEach(entry -> told.add(entry.effect()));
    List<Key> declared = declaredKeys();
    assertThat(declared).hasSizeGreaterThan(110);
    assertThat(declared).allSatisfy(key -> assertThat(told).contains(key.effect()));
  }

  @Test
  void aKeyHasItsOwnDefaultUnitAndRange() {
    assertThat(entry("compute.queue-rows"))
        .extracting(Reference.Entry::usual, Reference.Entry::unit, Reference.Entry::range)
        .containsExactly("1024", "rows", "a whole number from 1 to 16777216");
    assertThat(entry("kafka.topics").range()).isEqualTo("verify or create");
    assertThat(entry("models[].learner.hidden").usual()).isEqualTo("64 (forecast), 32 (classify)");
    assertThat(entry("models[].name").usual()).isEqualTo("required");
    assertThat(entry("models[].learner.final-learning-rate").usual())
        .isEqualTo("0.0005 (forecast), 0.001 (classify)");
    assertThat(entry("repository.poll-seconds").usual()).isEqualTo("15");
    assertThat(entry("least-cosine"))
        .extracting(Reference.Entry::usual, Reference.Entry::range)
        .containsExactly("0.999", "a number from -1 to 1");
    assertThat(entry("versions.latest").range()).isEqualTo("a whole number from 1 to 1000");
    assertThat(entry("input.image.resize").usual()).isEqualTo("stretch");
    assertThat(entry("input.text.max-length"))
        .extracting(Reference.Entry::usual, Reference.Entry::unit, Reference.Entry::range)
        .containsExactly("the file's, else 512", "ids", "a whole number from 3 to 8192");
    assertThat(entry("output.classes.top-k").usual()).isEqualTo("5");
  }

  @Test
  void noKeyIsToldWithoutWhatItDoes() {
    assertThat(entries())
        .allSatisfy(
            entry -> {
              assertThat(entry.effect()).as(entry.path()).isNotBlank().doesNotEndWith(".");
              assertThat(entry.usual()).as(entry.path()).isNotBlank();
              assertThat(entry.range()).as(entry.path()).isNotBlank();
            });
  }

  @Test
  void machinesGetTheSameKeysAsJson() throws IOException {
    var out = new StringWriter();
    int code = new CommandLine(new ConfigCommand()).setOut(new PrintWriter(out)).execute("--json");
    assertThat(code).isZero();
    List<String> keys = new ArrayList<>();
    for (JsonNode key : new ObjectMapper().readTree(out.toString())) {
      keys.add(key.get("key").asText());
    }
    assertThat(keys).containsExactlyElementsOf(entries().map(Reference.Entry::path).toList());
    assertThat(out.toString())
        .contains("\"NAGARE_MODELS_0_LEARNER_HIDDEN\"", "\"<model>/<version>/model.yaml\"")
        .doesNotContain("NAGARE_OUTPUT", "NAGARE_VERSIONS");
  }

  private Stream<Reference.Entry> entries() {
    return files.stream()
        .flatMap(file -> file.parts().stream())
        .flatMap(part -> part.entries().stream());
  }

  private Reference.Entry entry(String path) {
    return entries().filter(entry -> entry.path().equals(path)).findFirst().orElseThrow();
  }

  private static List<Key> declaredKeys() throws IllegalAccessException {
    List<Key> keys = new ArrayList<>();
    var classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(Key.class.getPackageName());
    for (JavaClass each : classes) {
      for (JavaField declared : each.getFields()) {
        Field field = declared.reflect();
        if (field.getType() == Key.class && Modifier.isStatic(field.getModifiers())) {
          field.setAccessible(true);
          keys.add((Key) field.get(null));
        }
      }
    }
    return keys;
  }
}
