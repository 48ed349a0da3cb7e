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
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ReferenceTest {
  private final Reference reference = Reference.ofStartUpFile();

  @Test
  void thePageIsWhatTheReaderDeclares() throws IOException {
    assertThat(Files.readString(Path.of("../docs/configuration-reference.md")))
        .as("written by: ./nagare config > docs/configuration-reference.md")
        .isEqualTo(reference.markdown());
  }

  @Test
  void everyDeclaredKeyIsInIt() throws IllegalAccessException {
    Set<String> told = new HashSet<>();
    reference.parts().forEach(part -> told.add(part.effect()));
    entries().forEach(entry -> told.add(entry.effect()));
    List<Key> declared = declaredKeys(each -> !isOfModels(each));
    assertThat(declared).hasSizeGreaterThan(80);
    assertThat(declared).allSatisfy(key -> assertThat(told).contains(key.effect()));
  }

  @Test
  void everyKeyOfAModelsOwnFileIsOnThePageAboutIt() throws IOException, IllegalAccessException {
    String page = Files.readString(Path.of("../docs/configuration.md"));
    String rest = Files.readString(Path.of("../docs/pre-and-post-processing.md"));
    assertThat(declaredKeys(ReferenceTest::isOfModels))
        .hasSizeGreaterThan(30)
        .allSatisfy(
            key ->
                assertThat(page.substring(page.indexOf("## model.yaml")) + rest)
                    .containsPattern("\\b" + key.name() + "\\b"));
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
    assertThat(out.toString()).contains("\"NAGARE_MODELS_0_LEARNER_HIDDEN\"");
  }

  private Stream<Reference.Entry> entries() {
    return reference.parts().stream().flatMap(part -> part.entries().stream());
  }

  private Reference.Entry entry(String path) {
    return entries().filter(entry -> entry.path().equals(path)).findFirst().orElseThrow();
  }

  private static boolean isOfModels(JavaClass each) {
    return Stream.of(
            ModelFileReader.class,
            PrecisionSection.class,
            ImageSection.class,
            TextSection.class,
            ClassesSection.class,
            EmbeddingSection.class,
            TensorChoice.class)
        .anyMatch(each::isEquivalentTo);
  }

  private static List<Key> declaredKeys(Predicate<JavaClass> of) throws IllegalAccessException {
    List<Key> keys = new ArrayList<>();
    var classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(Key.class.getPackageName());
    for (JavaClass each : classes.stream().filter(of).toList()) {
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
