package dev.nagare.models.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.MemoryPool;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A model that is saved and loaded anywhere goes on with the same bits. */
class ResumeTest {
  private static final int ROWS = 160;
  private static final int CUTS = 6;

  private final Compute compute = Compute.best(new MemoryPool("snapshots", 1 << 26));

  static Stream<OnlineConfig> configurations() {
    var forecast =
        OnlineConfig.forecaster(2)
            .withNetwork(new OnlineConfig.Network(8, 12, 0))
            .withScoreWindow(20);
    return Stream.of(
            forecast.withTask(new OnlineConfig.Task.Forecast(1, 1, 0.3)),
            forecast.withTask(new OnlineConfig.Task.Forecast(5, 4, 0.3)),
            forecast.withTask(new OnlineConfig.Task.Classify(2)))
        .flatMap(config -> Stream.of(0.0, 0.1).map(dropout -> dropout(config, dropout)))
        .flatMap(
            config ->
                Stream.of(new int[] {1, 1}, new int[] {4, 1}, new int[] {4, 2})
                    .map(batch -> batch(config, batch[0], batch[1])))
        .map(config -> config.withGuards(new OnlineConfig.Guards(7, 4, 1.05, 1.2)));
  }

  private static OnlineConfig dropout(OnlineConfig config, double dropout) {
    return config.withNetwork(new OnlineConfig.Network(8, 12, dropout));
  }

  private static OnlineConfig batch(OnlineConfig config, int batch, int shards) {
    return config.withTraining(new OnlineConfig.Training(batch, shards, 1e-2, 5, 200, 5e-4, 1));
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void atAnyRow(OnlineConfig config) throws IOException {
    long seed = new Random().nextLong();
    System.out.println("cuts of " + config.task() + ", seed " + seed);
    var random = new Random(seed);
    float[][] rows = rows(config, seed);
    String[] expected = new String[ROWS];
    try (var undisturbed = OnlineLstm.create(config, compute)) {
      for (int i = 0; i < ROWS; i++) {
        undisturbed.observe(rows[i], i);
        expected[i] = undisturbed.stateHash();
      }
    }
    var model = OnlineLstm.create(config, compute);
    try {
      int next = 0;
      for (int cut : random.ints(CUTS, 0, ROWS).sorted().toArray()) {
        for (; next < cut; next++) {
          model.observe(rows[next], next);
        }
        byte[] saved = States.save(model);
        model.close();
        model = States.load(saved, config, compute);
        if (next > 0) {
          assertThat(model.stateHash())
              .as("seed %s cut %s", seed, cut)
              .isEqualTo(expected[cut - 1]);
        }
      }
      for (; next < ROWS; next++) {
        model.observe(rows[next], next);
        assertThat(model.stateHash()).as("seed %s row %s", seed, next).isEqualTo(expected[next]);
      }
      assertThat(model.version()).isPositive();
    } finally {
      model.close();
    }
  }

  private static float[][] rows(OnlineConfig config, long seed) {
    boolean labelled = config.task() instanceof OnlineConfig.Task.Classify;
    var signal = new LabelSignal(seed);
    float[][] rows = new float[ROWS][];
    for (int i = 0; i < ROWS; i++) {
      float[] row = signal.next();
      rows[i] = labelled ? row : Arrays.copyOf(row, LabelSignal.FEATURES);
    }
    return rows;
  }

  @Test
  void theSectionsOfAStateHaveNames() throws IOException {
    try (var model = OnlineLstm.create(OnlineConfig.classifier(2, 3), compute)) {
      assertThat(States.read(model).names())
          .containsExactly(
              "config",
              "kernel",
              "scores",
              "weights",
              "adam.first",
              "adam.second",
              "adam.step",
              "good.weights",
              "good.adam.first",
              "good.adam.second",
              "good.adam.step",
              "random",
              "guards",
              "scale",
              "window",
              "batch",
              "task");
    }
  }

  @Test
  void theDropoutMasksAreCounted() throws IOException {
    var config = dropout(OnlineConfig.classifier(2, 2), 0.1);
    try (var model = OnlineLstm.create(batch(config, 4, 2), compute)) {
      float[][] rows = rows(config, 1);
      for (int i = 0; i < ROWS; i++) {
        model.observe(rows[i], i);
      }
      byte[] section = States.read(model).bytes("random");
      assertThat(ByteBuffer.wrap(section).getLong()).isEqualTo(model.version());
    }
  }

  @Test
  void aStateThatIsCutOffOrAnothersIsRefused() throws IOException {
    var config = OnlineConfig.classifier(2, 2);
    try (var model = OnlineLstm.create(config, compute)) {
      byte[] saved = States.save(model);
      for (int length : List.of(0, 3, 9, 200, saved.length - 1)) {
        assertThatThrownBy(() -> States.load(Arrays.copyOf(saved, length), config, compute))
            .isInstanceOf(IOException.class);
      }
      assertThatThrownBy(() -> States.load(saved, OnlineConfig.forecaster(2), compute))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("task was classify, is now forecast")
          .hasMessageContaining("horizon was not set, is now 1")
          .hasMessageContaining("classes was 2, is now not set");
    }
  }
}
