package dev.nagare.loadtest.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Weights that tell a right convolution from a wrong one. The published models are looked for in
 * the folder that the system property {@code nagare.data} or the variable {@code NAGARE_DATA}
 * names.
 */
class HeWeightsTest {
  private static final long SEED = 50;

  /** What two f32 engines may differ by; a wrong weight must show by more. */
  private static final double TOLERANCE = 1e-4;

  private static final long[] IMAGE = {1, 3, 224, 224};

  @TempDir private Path folder;

  @Test
  void swappingTwoChannelsOfAnyConvolutionOfDigitsIsFound() throws Exception {
    Path digits = folder.resolve("digits.onnx");
    DigitsModel.write(digits);
    HeWeights weights = HeWeights.of(digits);
    assertThat(weights.convolutions()).hasSize(6);
    assertSwapsAreFound(weights, 1, 1, 28, 28);
  }

  @Test
  void swappingTwoChannelsOfAnyConvolutionOfSqueezenetIsFound() throws Exception {
    HeWeights weights = HeWeights.of(published("squeezenet"));
    assertThat(weights.convolutions()).hasSize(26);
    assertSwapsAreFound(weights, IMAGE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"resnet50", "densenet121"})
  void swappingTwoChannelsOfAnyConvolutionIsFound(String name) throws Exception {
    assumeTrue(
        "nightly".equals(System.getProperty("nagare.checks")),
        "not here: a hundred models of up to 100 MB take minutes, so -Dnagare.checks=nightly only");
    assertSwapsAreFound(HeWeights.of(published(name)), IMAGE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bvlc_alexnet",
        "densenet121",
        "inception_v1",
        "inception_v2",
        "resnet50",
        "shufflenet",
        "squeezenet",
        "vgg19",
        "zfnet512"
      })
  void everyPublishedTopologyHasLogitsThatAreNotAlike(String name) throws Exception {
    Path file = folder.resolve("he.onnx");
    HeWeights.of(published(name)).write(file, SEED);
    float[] logits = Answers.of(file, Answers.values(IMAGE), IMAGE);
    assertThat(logits).hasSize(1000);
    double sum = 0;
    double squares = 0;
    for (float logit : logits) {
      assertThat(logit).isFinite();
      sum += logit;
      squares += (double) logit * logit;
    }
    double mean = sum / logits.length;
    double deviation = Math.sqrt(squares / logits.length - mean * mean);
    System.out.printf("%s: logits %.3g, deviation %.3g%n", name, mean, deviation);
    // Probabilities would have a sum of 1; constant weights would make all logits one.
    assertThat(Math.abs(sum - 1)).isGreaterThan(1e-3);
    assertThat(deviation).isGreaterThan(0.01 * Math.abs(mean)).isGreaterThan(1e-3);
  }

  @Test
  void theSeedAloneMakesTheWeights() throws Exception {
    Path digits = folder.resolve("digits.onnx");
    DigitsModel.write(digits);
    HeWeights.of(digits).write(folder.resolve("a"), 1);
    HeWeights.of(digits).write(folder.resolve("b"), 1);
    HeWeights.of(digits).write(folder.resolve("c"), 2);
    assertThat(folder.resolve("a")).hasSameBinaryContentAs(folder.resolve("b"));
    assertThat(Files.mismatch(folder.resolve("a"), folder.resolve("c"))).isNotNegative();
  }

  @Test
  void whatIsNoModelIsNamed() throws Exception {
    Path file = Files.write(folder.resolve("no.onnx"), new byte[] {0x3a, 0x7f, 1});
    assertThatThrownBy(() -> HeWeights.of(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no.onnx")
        .hasMessageContaining("no protobuf");
    Path empty = Files.write(folder.resolve("empty.onnx"), new byte[0]);
    assertThatThrownBy(() -> HeWeights.of(empty)).hasMessageContaining("no graph in it");
  }

  private void assertSwapsAreFound(HeWeights weights, long... dims) throws Exception {
    float[] values = Answers.values(dims);
    Path file = folder.resolve("he.onnx");
    weights.write(file, SEED);
    float[] expected = Answers.of(file, values, dims);
    List<String> convolutions = weights.convolutions();
    for (String convolution : convolutions) {
      weights.write(
          file,
          SEED,
          (name, shape, floats) -> name.equals(convolution) ? swapped(shape, floats) : floats);
      assertThat(Answers.error(expected, Answers.of(file, values, dims)))
          .as("seed %d, first and last channel of %s swapped", SEED, convolution)
          .isGreaterThan(TOLERANCE);
    }
  }

  /** The first and the last output channel in each other's place. */
  private static float[] swapped(long[] dims, float[] values) {
    int row = (int) (values.length / dims[0]);
    int last = values.length - row;
    float[] changed = values.clone();
    System.arraycopy(values, 0, changed, last, row);
    System.arraycopy(values, last, changed, 0, row);
    return changed;
  }

  private static Path published(String name) {
    String data = System.getProperty("nagare.data", System.getenv("NAGARE_DATA"));
    assumeTrue(data != null, "not here: no folder of published models, see the class");
    Path file = Path.of(data, "light_" + name + ".onnx");
    assumeTrue(Files.isReadable(file), () -> "not here: " + file + " is missing");
    return file;
  }
}
