package dev.nagare.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OnnxConformanceTest {
  private static final Path FOUND = Path.of("target", "onnx-manifest.txt");

  @Test
  void everyCaseOfTheOnnxSuiteDoesWhatTheManifestSays() throws IOException {
    assumeTrue(
        Files.isDirectory(OnnxSuite.DATA),
        () -> OnnxSuite.DATA + " is not there: install libonnx-testdata (Debian)");
    Map<String, Manifest.Entry> expected = Manifest.read();
    var suite = new OnnxSuite();
    List<Manifest.Entry> found = new ArrayList<>();
    for (String name : OnnxSuite.cases()) {
      found.add(suite.run(name));
    }
    Files.createDirectories(FOUND.getParent());
    Manifest.write(FOUND, found);
    System.out.printf(
        "onnx suite: %d of %d cases pass%n",
        found.stream().filter(Manifest.Entry::passes).count(), found.size());
    assertThat(found)
        .as("the committed manifest; what was found is in %s", FOUND.toAbsolutePath())
        .containsExactlyElementsOf(expected.values());
  }
}
