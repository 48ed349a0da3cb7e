package dev.nagare.loadtest.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that we write, as ONNX Runtime reads them. */
class WrittenModelsTest {
  @TempDir private Path folder;

  @Test
  void digitsHasTenLogitsForEachOfAnyNumberOfImages() throws Exception {
    Path model = folder.resolve("digits.onnx");
    DigitsModel.write(model);
    rowsAreThoseOfSingleRequests(model, 1, 28, 28);
  }

  @Test
  void lstmHasTenForecastsForEachOfAnyNumberOfWindows() throws Exception {
    Path model = folder.resolve("lstm.onnx");
    LstmModel.write(model);
    rowsAreThoseOfSingleRequests(model, LstmModel.TIME, LstmModel.INPUT);
  }

  @Test
  void reluKeepsWhatIsAboveZero() throws Exception {
    Path model = folder.resolve("relu.onnx");
    ReluModel.write(model);
    long[] dims = {2, ReluModel.WIDTH};
    float[] values = Answers.values(dims);
    values[3] = -1;
    float[] expected = values.clone();
    for (int i = 0; i < expected.length; i++) {
      expected[i] = Math.max(0, expected[i]);
    }
    assertThat(Answers.of(model, values, dims)).isEqualTo(expected);
  }

  @Test
  void theSameFileIsWrittenEachTime() throws Exception {
    DigitsModel.write(folder.resolve("a"));
    DigitsModel.write(folder.resolve("b"));
    assertThat(folder.resolve("a")).hasSameBinaryContentAs(folder.resolve("b"));
  }

  private static void rowsAreThoseOfSingleRequests(Path model, long... row) throws Exception {
    long[] three = new long[row.length + 1];
    System.arraycopy(row, 0, three, 1, row.length);
    three[0] = 3;
    float[] values = Answers.values(three);
    float[] together = Answers.of(model, values, three);
    assertThat(together).hasSize(30);
    long[] one = three.clone();
    one[0] = 1;
    int length = values.length / 3;
    for (int i = 0; i < 3; i++) {
      float[] alone =
          Answers.of(model, Arrays.copyOfRange(values, i * length, (i + 1) * length), one);
      assertThat(alone)
          .containsExactly(Arrays.copyOfRange(together, i * 10, (i + 1) * 10), within(1e-5f))
          .doesNotHaveDuplicates();
    }
  }
}
