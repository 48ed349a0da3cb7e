package dev.nagare.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nagare.graph.Dim;
import dev.nagare.models.image.Channels;
import dev.nagare.models.image.Fit;
import dev.nagare.models.image.ImageSteps;
import dev.nagare.models.image.Resample;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.Classes;
import dev.nagare.models.processing.Embedding;
import dev.nagare.models.processing.ImageInput;
import dev.nagare.models.processing.Processing;
import dev.nagare.models.processing.TextInput;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.models.text.BertTokenizer;
import dev.nagare.models.text.Pooling;
import dev.nagare.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands before and after the model of one version. */
class VersionFileTest {
  private static final TensorSpec PIXELS = spec("pixels", DType.F32, "n", 3, 224, 160);
  private static final TensorSpec SCORES = spec("scores", DType.F32, "n", 2);
  private static final TensorSpec IDS = spec("input_ids", DType.I64, "n", "t");
  private static final TensorSpec MASK = spec("attention_mask", DType.I64, "n", "t");
  private static final TensorSpec VECTORS = spec("vectors", DType.F32, "n", "t", 8);

  @TempDir private Path folder;
  private Path version = Path.of("");

  @BeforeEach
  void aVersion() throws IOException {
    version = Files.createDirectories(folder.resolve("m/1"));
    Files.writeString(version.resolve("labels.txt"), "cat\ndog\n");
    Files.writeString(version.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n\u00e9\n");
  }

  /** A tensor; numbers are known sizes. */
  private static TensorSpec spec(String name, DType dtype, Object... sizes) {
    List<Dim> shape =
        Arrays.stream(sizes)
            .map(size -> size instanceof Integer known ? Dim.of(known) : Dim.named("" + size))
            .toList();
    return new TensorSpec(name, dtype, shape);
  }

  private Processing read(String yaml, List<TensorSpec> inputs, List<TensorSpec> outputs)
      throws IOException {
    Files.writeString(version.resolve("model.yaml"), yaml);
    return new ModelFileReader()
        .processing(new ModelPackage("m", 1, version.resolve("model.onnx")), inputs, outputs);
  }

  private String faults(String yaml, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    IOException thrown = catchThrowableOfType(IOException.class, () -> read(yaml, inputs, outputs));
    return String.valueOf(thrown.getMessage());
  }

  @Test
  void withoutTheFileAModelTakesTensorsAlone() throws IOException {
    assertThat(
            new ModelFileReader()
                .processing(
                    new ModelPackage("m", 1, version.resolve("model.onnx")),
                    List.of(PIXELS),
                    List.of(SCORES)))
        .isEqualTo(Processing.NONE);
  }

  @Test
  void whatAPictureBecomesFollowsFromTheModelUnlessItIsSaid() throws IOException {
    Processing read =
        read("input: {image: {}}\noutput: {classes: {}}\n", List.of(PIXELS), List.of(SCORES));
    ImageInput image = Objects.requireNonNull(read.image());
    assertThat(image.tensor()).isEqualTo("pixels");
    ImageSteps steps = image.steps();
    assertThat(steps.width()).isEqualTo(160);
    assertThat(steps.height()).isEqualTo(224);
    assertThat(steps.fit()).isEqualTo(Fit.STRETCH);
    assertThat(steps.channels()).isEqualTo(Channels.RGB);
    assertThat(steps.resize().resample()).isEqualTo(Resample.BILINEAR);
    assertThat(steps.resize().antialias()).isTrue();
    assertThat(steps.channelsFirst()).isTrue();
    Classes classes = Objects.requireNonNull(read.classes());
    assertThat(classes.labels()).isEmpty();
    assertThat(classes.top()).isEqualTo(5);
    assertThat(classes.softmax()).isTrue();
    assertThat(read.embedding()).isNull();
    TensorSpec gray = spec("x", DType.F32, "n", 1, 8, 8);
    Processing digits =
        read("input: {image: }\noutput: {classes: }\n", List.of(gray), List.of(SCORES));
    assertThat(Objects.requireNonNull(digits.image()).steps().channels()).isEqualTo(Channels.GRAY);
  }

  @Test
  void everySettingOfAPictureIsHeeded() throws IOException {
    Processing read =
        read(
            """
            input:
              image:
                tensor: x
                layout: nhwc
                channels: bgr
                width: 32
                height: 48
                resize: shortest-edge-and-crop
                shortest-edge: 64
                resample: bicubic
                antialias: false
                rescale: 1
                mean: [1, 2, 3]
                std: [2]
            output:
              classes: {tensor: scores, labels: labels.txt, top-k: 1, softmax: false}
            """,
            List.of(spec("x", DType.F32, 1, "h", "w", 3)),
            List.of(SCORES, VECTORS));
    ImageSteps steps = Objects.requireNonNull(read.image()).steps();
    assertThat(steps.shape()).containsExactly(1, 48, 32, 3);
    assertThat(steps.fit()).isEqualTo(Fit.SHORTEST_EDGE_AND_CROP);
    assertThat(steps.shortestEdge()).isEqualTo(64);
    assertThat(steps.resize().resample()).isEqualTo(Resample.BICUBIC);
    assertThat(steps.resize().antialias()).isFalse();
    assertThat(steps.channels()).isEqualTo(Channels.BGR);
    Classes classes = Objects.requireNonNull(read.classes());
    assertThat(classes.labels()).containsExactly("cat", "dog");
    assertThat(classes.top()).isOne();
    assertThat(classes.softmax()).isFalse();
  }

  @Test
  void aTextIsCutAsTheFileSays() throws IOException {
    Processing read =
        read(
            "input: {text: {vocabulary: vocab.txt, max-length: 3}}\noutput: {embedding: {}}\n",
            List.of(IDS, MASK),
            List.of(VECTORS));
    TextInput text = Objects.requireNonNull(read.text());
    assertThat(text.tensors()).containsExactly("input_ids", "attention_mask");
    assertThat(text.tokenizer().ids("e e")).containsExactly(2, 1, 3);
    assertThat(read.embedding()).isEqualTo(new Embedding("vectors", Pooling.MEAN, true));
    Processing cased =
        read(
            """
            input: {text: {vocabulary: vocab.txt, lower-case: false}}
            output: {embedding: {pooling: cls, normalize: false}}
            """,
            List.of(IDS),
            List.of(VECTORS));
    BertTokenizer tokenizer = Objects.requireNonNull(cased.text()).tokenizer();
    assertThat(tokenizer.ids("\u00e9 \u00c9")).containsExactly(2, 4, 1, 3);
    assertThat(tokenizer.most()).isEqualTo(512);
    assertThat(cased.embedding()).isEqualTo(new Embedding("vectors", Pooling.CLS, false));
  }

  @Test
  void everyFaultIsListedWithItsLine() {
    String faults =
        faults(
            """
            input:
              image:
                width: 100
                channels: gray
                resize: crop
                mean: [1, two, 3]
                std: [0]
                shortest-edge: 300
                colour: red
            output:
              classes: {labels: none.txt, top-k: 0}
            more: 1
            """,
            List.of(PIXELS),
            List.of(SCORES));
    assertThat(faults.lines())
        .allMatch(line -> line.contains("model.yaml:"))
        .anyMatch(line -> line.contains(":3: input.image.width: expected 160 as the model has it"))
        .anyMatch(line -> line.contains(":4: input.image.channels: expected 3 as the model has"))
        .anyMatch(line -> line.contains(":5: input.image.resize: expected stretch or"))
        .anyMatch(line -> line.contains(":6: input.image.mean: expected a number for each of 1"))
        .anyMatch(line -> line.contains(":7: input.image.std: expected numbers above 0"))
        .anyMatch(line -> line.contains(":8: input.image.shortest-edge: only with resize"))
        .anyMatch(line -> line.contains(":9: input.image.colour: unknown; known here: tensor"))
        .anyMatch(line -> line.contains(":11: output.classes.labels: there is no file"))
        .anyMatch(line -> line.contains(":11: output.classes.top-k: expected a whole number"))
        .anyMatch(line -> line.contains(":12: more: unknown"));
  }

  @Test
  void whatIsOfAllVersionsHasItsPlaceInTheFileOfTheModel() {
    assertThat(
            faults(
                "versions: all\ninput: {image: {}}\noutput: {classes: {}}\n",
                List.of(PIXELS),
                List.of(SCORES)))
        .contains(
            "model.yaml:1: versions: of all versions: expected in the model.yaml of the model's"
                + " folder")
        .doesNotContain("\n");
    assertThat(faults("precision: bf16\n", List.of(PIXELS), List.of(SCORES)))
        .contains("model.yaml:1: precision: of all versions: expected in the model.yaml");
  }

  @Test
  void whatDoesNotFitTheModelIsSaid() {
    String image = "input: {image: {}}\n";
    String classes = "output: {classes: {}}\n";
    assertThat(faults(image + classes, List.of(IDS), List.of(SCORES)))
        .contains("input.image.tensor: expected FP32 of 4 axes, got input_ids");
    assertThat(faults(image + classes, List.of(PIXELS, MASK), List.of(SCORES)))
        .contains("expected one of pixels, attention_mask, got none, and the model has several");
    assertThat(
            faults(image + classes, List.of(spec("x", DType.F32, "n", 3, "h", 8)), List.of(SCORES)))
        .contains("input.image.height: expected pixels, since the model leaves its height open");
    assertThat(
            faults(
                image + classes, List.of(spec("x", DType.F32, "n", 3, 9000, 8)), List.of(SCORES)))
        .contains("expected a model of at most 2048 pixels, this one has 9000");
    assertThat(
            faults(
                image + "output: {classes: {labels: labels.txt}}",
                List.of(PIXELS),
                List.of(spec("y", DType.F32, "n", 3))))
        .contains("output.classes.labels: expected 3 as the model has, got 2");
    assertThat(faults(image + "output: {embedding: {}}", List.of(PIXELS), List.of(SCORES)))
        .contains("output.embedding.tensor: expected FP32 of 3 axes, got scores");
    assertThat(
            faults(
                "input: {text: {vocabulary: vocab.txt}}\n" + classes,
                List.of(PIXELS),
                List.of(SCORES)))
        .contains("expected a model with inputs among [input_ids, attention_mask, token_type_ids]");
  }

  @Test
  void whatIsMissingOrDoubleIsSaid() {
    assertThat(faults("", List.of(IDS), List.of(VECTORS)))
        .contains("input: expected image or text below it, got neither")
        .contains("output: expected classes or embedding below it, got neither");
    assertThat(
            faults(
                "input: {text: {}, image: {}}\noutput: {embedding: {}}",
                List.of(IDS),
                List.of(VECTORS)))
        .contains("input.text: expected image or text, got both");
    String out = "output: {embedding: {}}\n";
    assertThat(faults("input: {text: {}}\n" + out, List.of(IDS), List.of(VECTORS)))
        .contains("input.text.tokenizer: expected either tokenizer")
        .contains("got neither");
    assertThat(
            faults(
                "input: {text: {tokenizer: a, vocabulary: b, lower-case: true}}\n" + out,
                List.of(IDS),
                List.of(VECTORS)))
        .contains("got both");
    assertThat(
            faults(
                "input: {text: {tokenizer: labels.txt}}\n" + out, List.of(IDS), List.of(VECTORS)))
        .contains("input.text.tokenizer: ")
        .contains("JSON: expected a value");
  }

  @Test
  void noNameAndNoLinkLeadsOut() throws IOException {
    String yaml = "input: {image: {}}\noutput: {classes: {labels: %s}}\n";
    Files.writeString(folder.resolve("m/secret"), "cat\ndog\n");
    for (String name : List.of("../secret", "/etc/passwd", ".hidden", "a/b")) {
      assertThat(faults(yaml.formatted(name), List.of(PIXELS), List.of(SCORES)))
          .contains("expected the name of a file in the folder of the version, got '" + name + "'");
    }
    Path outside = Files.createTempFile("outside", ".txt");
    Files.createSymbolicLink(version.resolve("link.txt"), outside);
    assertThat(faults(yaml.formatted("link.txt"), List.of(PIXELS), List.of(SCORES)))
        .contains("the link leads out of");
    Files.delete(outside);
    Path file = version.resolve("model.yaml");
    Path elsewhere = Files.writeString(Files.createTempFile("outside", ".yaml"), "");
    Files.delete(file);
    Files.createSymbolicLink(file, elsewhere);
    assertThatThrownBy(
            () ->
                new ModelFileReader()
                    .processing(
                        new ModelPackage("m", 1, version.resolve("model.onnx")),
                        List.of(PIXELS),
                        List.of(SCORES)))
        .hasMessageContaining("the link leads out of");
    Files.delete(elsewhere);
  }
}
