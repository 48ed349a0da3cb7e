package dev.nagare.models.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnlineForecasterTest {
  private static final int ROWS = 2500;

  /** Measured ratios are 0.72 to 0.80; a network that learned nothing has 1. */
  private static final double MARGIN = 0.9;

  private final MemoryPool snapshots = new MemoryPool("snapshots", 1 << 26);
  private final Compute compute = Compute.best(snapshots);
  private final OnlineConfig config = OnlineConfig.forecaster(LoadSignal.FEATURES);
  private final OnlineConfig small =
      config
          .withTask(new OnlineConfig.Task.Forecast(1, 1, 1))
          .withNetwork(new OnlineConfig.Network(8, 12, 0))
          .withTraining(new OnlineConfig.Training(1, 1, 3e-3, 20, 200, 5e-4, 1))
          .withScoreWindow(50)
          .withSeed(3);

  @Test
  void aSeasonalNoisyLoadIsPredictedBetterThanByRepeatLastAndByEveryExponentialAverage() {
    for (long seed = 1; seed <= 3; seed++) {
      assertThat(ratioToBestBaseline(config.withSeed(seed), seed))
          .as("windowed error of the model over the best baseline's, seed %s", seed)
          .isLessThan(MARGIN);
    }
  }

  @Test
  void withoutLearningTheLoadIsNotPredictedBetterThanByTheBestBaseline() {
    assertThat(
            ratioToBestBaseline(
                config.withTraining(new OnlineConfig.Training(1, 1, 0, 200, 20_000, 0, 1)), 1))
        .isGreaterThanOrEqualTo(1);
  }

  private double ratioToBestBaseline(OnlineConfig configuration, long seed) {
    try (var model = OnlineLstm.create(configuration, compute)) {
      PrequentialScores scores = feed(model, new LoadSignal(seed), ROWS);
      double best = Double.MAX_VALUE;
      var line = new StringBuilder();
      for (int i = 0; i < scores.names().size(); i++) {
        best = i == 0 ? best : Math.min(best, scores.windowed(i));
        line.append(" %s %.4f".formatted(scores.names().get(i), scores.windowed(i)));
      }
      double ratio = scores.windowed(0) / best;
      System.out.printf(
          "seed %d, rate %s, row %d:%s, ratio %.3f%n",
          seed, configuration.training().learningRate(), ROWS, line, ratio);
      return ratio;
    }
  }

  private static PrequentialScores feed(OnlineLstm model, LoadSignal signal, int rows) {
    for (int i = 0; i < rows; i++) {
      model.observe(signal.next(), i);
    }
    return model.scores();
  }

  @Test
  void twoRunsOverTheSameRowsEndInTheSameState() {
    String[] hashes = new String[2];
    for (int run = 0; run < 2; run++) {
      try (var model = OnlineLstm.create(small, compute)) {
        feed(model, new LoadSignal(4), 200);
        hashes[run] = model.stateHash();
      }
    }
    assertThat(hashes[0]).isEqualTo(hashes[1]).hasSize(64);
  }

  @Test
  void aRestoredModelGoesOnAsIfNothingHadHappened() throws IOException {
    for (int cut : List.of(0, 3, 8, 9, 70, 130)) {
      try (var model = OnlineLstm.create(small, compute)) {
        var signal = new LoadSignal(5);
        feed(model, signal, cut);
        byte[] saved = States.save(model);
        try (var restored = States.load(saved, small, compute)) {
          assertThat(restored.stateHash()).isEqualTo(model.stateHash());
          assertThat(restored.foreignKernelId()).isEmpty();
          for (int i = 0; i < 60; i++) {
            float[] row = signal.next();
            StepReport expected = model.observe(row, 0);
            StepReport actual = restored.observe(row, 0);
            assertThat(actual.prediction()).isEqualTo(expected.prediction());
            assertThat(actual.loss()).isEqualTo(expected.loss());
            assertThat(actual.version()).isEqualTo(expected.version());
          }
          assertThat(restored.stateHash()).as("cut %s", cut).isEqualTo(model.stateHash());
        }
      }
    }
  }

  @Test
  void aSnapshotAnswersAWindowWithTheLearnersOwnForecastInAnyBatch() {
    try (var model = OnlineLstm.create(config, compute);
        var scope = new Scope(1 << 20)) {
      var signal = new LoadSignal(6);
      float[][] rows = new float[config.network().window() + 40][];
      rows[0] = signal.next();
      StepReport report = model.observe(rows[0], 0);
      for (int i = 1; i < rows.length; i++) {
        rows[i] = signal.next();
        report = model.observe(rows[i], 0);
      }
      ModelSnapshot snapshot = model.snapshot();
      assertThat(snapshot.version()).isEqualTo(report.version()).isEqualTo(40);
      for (int batch : List.of(1, 2, 3, 17)) {
        for (int place : List.of(0, batch / 2, batch - 1)) {
          float[] answer = batched(snapshot, scope, rows, batch, place);
          assertThat(answer).as("row %s of %s", place, batch).isEqualTo(report.prediction());
        }
      }
      snapshot.release();
    }
  }

  /** The answer for the newest window, which is put at one place among older ones. */
  private float[] batched(
      ModelSnapshot snapshot, Scope scope, float[][] rows, int batch, int place) {
    int length = config.network().window() * LoadSignal.FEATURES;
    float[] windows = new float[batch * length];
    for (int b = 0; b < batch; b++) {
      int first = b == place ? rows.length - config.network().window() : b;
      for (int t = 0; t < config.network().window(); t++) {
        int to = b * length + t * LoadSignal.FEATURES;
        System.arraycopy(rows[first + t], 0, windows, to, LoadSignal.FEATURES);
      }
    }
    Tensor in = scope.of(Shape.of(batch, config.network().window(), LoadSignal.FEATURES), windows);
    Tensor out = scope.empty(DType.F32, Shape.of(batch, LoadSignal.FEATURES));
    snapshot.answer(in, out, scope);
    float[] answer = out.narrow(place, 1).toFloats();
    scope.reset();
    return answer;
  }

  @Test
  void aSnapshotStaysAsItWasAndIsFreedWithItsLastLease() {
    try (var scope = new Scope(1 << 20)) {
      Tensor window = scope.zeros(DType.F32, Shape.of(2, 8, LoadSignal.FEATURES));
      Tensor out = scope.zeros(DType.F32, Shape.of(2, LoadSignal.FEATURES));
      ModelSnapshot snapshot;
      float[] before;
      try (var model = OnlineLstm.create(small, compute)) {
        var signal = new LoadSignal(7);
        feed(model, signal, 50);
        snapshot = model.snapshot();
        snapshot.answer(window, out, scope);
        before = out.toFloats();
        feed(model, signal, 50);
      }
      snapshot.answer(window, out, scope);
      assertThat(out.toFloats()).isEqualTo(before);
      assertThat(snapshot.retain()).isTrue();
      snapshot.release();
      snapshot.release();
      assertThat(snapshots.usedBytes()).isZero();
      assertThat(snapshot.retain()).isFalse();
      assertThatThrownBy(() -> snapshot.answer(window, out, scope))
          .isInstanceOf(TensorException.class);
    }
  }

  @Test
  void aLaneThatComesLateForASnapshotGetsNoLeaseThoughANewerOneUsesItsMemory() {
    try (var model = OnlineLstm.create(small, compute)) {
      ModelSnapshot old = model.snapshot();
      old.release();
      ModelSnapshot newer = model.snapshot();
      assertThat(old.retain()).isFalse();
      newer.release();
      assertThat(snapshots.usedBytes()).isZero();
    }
  }

  @Test
  void warmingUpLeavesTheStateAsItWas() {
    try (var model = OnlineLstm.create(small, compute)) {
      feed(model, new LoadSignal(8), 30);
      String before = model.stateHash();
      model.warmUp();
      assertThat(model.stateHash()).isEqualTo(before);
      assertThat(snapshots.usedBytes()).isZero();
    }
  }

  @Test
  void aFreshModelRepeatsTheLastRowAndReportsWhatItDid() {
    try (var model = OnlineLstm.create(small, compute)) {
      var signal = new LoadSignal(9);
      StepReport report = model.observe(signal.next(), 0);
      for (int i = 1; i < small.network().window(); i++) {
        assertThat(report.predicting()).isFalse();
        float[] row = signal.next();
        report = model.observe(row, 0);
        if (i == small.network().window() - 1) {
          assertThat(report.prediction()).isEqualTo(row);
        }
      }
      assertThat(report.predicting()).isTrue();
      assertThat(report.scored()).isFalse();
      assertThat(report.version()).isZero();
      float[] made = report.prediction().clone();
      report = model.observe(signal.next(), 0);
      assertThat(report.scored()).isTrue();
      assertThat(report.learned()).isTrue();
      assertThat(report.scoredPrediction()).isEqualTo(made);
      assertThat(report.version()).isEqualTo(1);
      assertThat(report.learningRate()).isEqualTo((float) (3e-3 / 20));
      assertThat(report.scores().count()).isEqualTo(1);
    }
  }

  @Test
  void aRowThatIsNotARowIsRefusedBeforeAnythingChanges() {
    try (var model = OnlineLstm.create(small, compute)) {
      feed(model, new LoadSignal(10), 20);
      String before = model.stateHash();
      assertThatThrownBy(() -> model.observe(new float[4], 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected 5 values, got 4");
      for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
        float[] row = {1, 1, 1, 1, bad};
        assertThatThrownBy(() -> model.observe(row, 0))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("value 4 must be finite");
      }
      assertThat(model.stateHash()).isEqualTo(before);
    }
  }

  @Test
  void hugeFiniteValuesLeaveEverythingFinite() {
    try (var model = OnlineLstm.create(small, compute)) {
      var signal = new LoadSignal(11);
      feed(model, signal, 60);
      for (int i = 0; i < 40; i++) {
        float[] row = signal.next();
        row[i % row.length] = (i % 2 == 0 ? 1 : -1) * Float.MAX_VALUE;
        StepReport report = model.observe(row, 0);
        assertThat(report.guard()).isNotEqualTo(Guard.NON_FINITE);
        assertThat(report.loss()).isFinite();
        assertThat(report.gradientNorm()).isFinite();
        for (float value : report.prediction()) {
          assertThat(value).isFinite();
        }
        for (int column = 0; column < report.scores().names().size(); column++) {
          assertThat(report.scores().windowed(column)).isFinite();
        }
      }
    }
  }

  @Test
  void aValueThatNeverChangesIsForecastExactly() {
    try (var model = OnlineLstm.create(small, compute)) {
      var signal = new LoadSignal(12);
      feed(model, signal, 100);
      assertThat(model.observe(signal.next(), 0).prediction()[4]).isEqualTo(0.25f);
    }
  }

  @Test
  void aCheckpointOfAnotherConfigurationIsRefusedWithEveryDifference() throws IOException {
    byte[] saved;
    try (var model = OnlineLstm.create(small, compute)) {
      saved = States.save(model);
    }
    assertThatThrownBy(() -> States.load(saved, config, compute))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("hidden was 12, is now 64")
        .hasMessageContaining("window was 8, is now 32")
        .hasMessageNotContaining("features");
  }

  @Test
  void aDamagedCheckpointIsRefused() throws IOException {
    byte[] saved;
    try (var model = OnlineLstm.create(small, compute)) {
      saved = States.save(model);
    }
    assertThatThrownBy(() -> States.load(new byte[100], small, compute))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not the state of an online model");
    assertThatThrownBy(() -> States.load(Arrays.copyOf(saved, saved.length - 5), small, compute))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aCheckpointOfOtherKernelsIsAcceptedAndReported() throws IOException {
    var scalar = KernelProviders.byName("scalar").kernels();
    var other = new Compute(scalar, scalar, snapshots);
    if (other.kernelId().equals(compute.kernelId())) {
      System.out.println("only scalar kernels work here: nothing to compare");
      return;
    }
    try (var model = OnlineLstm.create(small, other)) {
      feed(model, new LoadSignal(13), 20);
      try (var restored = States.load(States.save(model), small, compute)) {
        assertThat(restored.foreignKernelId()).contains(other.kernelId());
        assertThat(restored.version()).isEqualTo(model.version());
      }
    }
  }

  @Test
  void aForecastOfSeveralRowsIsLearnedFromWhenItsLastLabelIsIn() {
    int horizon = 3;
    int season = 4;
    var several = small.withTask(new OnlineConfig.Task.Forecast(horizon, season, 1));
    try (var model = OnlineLstm.create(several, compute)) {
      var signal = new LoadSignal(14);
      float[][] rows = new float[60][];
      float[][] made = new float[60][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = signal.next();
        StepReport report = model.observe(rows[i], i);
        made[i] = report.predicting() ? report.prediction().clone() : null;
        assertThat(report.predicting()).isEqualTo(i >= 7);
        assertThat(report.scored()).isEqualTo(i >= 7 + horizon);
        assertThat(report.learned()).isEqualTo(i >= 7 + horizon + season - 1);
        if (report.scored()) {
          assertThat(report.scoredPrediction()).isEqualTo(made[i - horizon]);
        }
        if (i == 7 + horizon + season - 2) {
          assertThatItRepeatsTheSeason(report, rows, i, horizon, season);
        }
      }
      assertThat(model.signature().outputShape()).containsExactly(horizon, LoadSignal.FEATURES);
      assertThat(model.scores().names()).endsWith("repeat-season");
      assertThat(model.scores().windowed(5)).isPositive();
    }
  }

  private static void assertThatItRepeatsTheSeason(
      StepReport report, float[][] rows, int last, int horizon, int season) {
    for (int h = 0; h < horizon; h++) {
      int from = h * LoadSignal.FEATURES;
      assertThat(Arrays.copyOfRange(report.prediction(), from, from + LoadSignal.FEATURES))
          .isEqualTo(rows[last + 1 + h - season]);
    }
  }

  @Test
  void aForecastOfSeveralRowsBeatsTheSeasonItRepeats() {
    var several =
        config
            .withTask(new OnlineConfig.Task.Forecast(8, 1, 0.3))
            .withTraining(new OnlineConfig.Training(8, 1, 3e-3, 50, 20_000, 5e-4, 1));
    try (var model = OnlineLstm.create(several, compute)) {
      PrequentialScores scores = feed(model, new LoadSignal(1), 4000);
      System.out.printf(
          "horizon 8: model %.3f, repeat-last %.3f%n", scores.windowed(0), scores.windowed(1));
      assertThat(scores.windowedSkill()).isGreaterThan(0.4);
    }
  }
}
