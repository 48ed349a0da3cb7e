package dev.nagare.models.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class OnlineClassifierTest {
  private static final int ROWS = 6000;

  private final MemoryPool snapshots = new MemoryPool("snapshots", 1 << 26);
  private final Compute compute = Compute.best(snapshots);
  private final OnlineConfig config =
      OnlineConfig.classifier(LabelSignal.FEATURES, 2)
          .withNetwork(new OnlineConfig.Network(24, 16, 0))
          .withTraining(new OnlineConfig.Training(4, 2, 1e-2, 50, 2000, 3e-3, 1));

  @Test
  void aLabelThatNeedsMemoryIsPredictedBetterThanByNoChangeAndMajority() {
    for (long seed = 1; seed <= 2; seed++) {
      try (var model = OnlineLstm.create(config.withSeed(seed), compute)) {
        feed(model, new LabelSignal(seed), ROWS);
        PrequentialScores scores = model.scores();
        System.out.printf(
            "seed %d: model %.3f, no-change %.3f, majority %.3f, kappa-temporal %.3f%n",
            seed,
            scores.windowed(0),
            scores.windowed(1),
            scores.windowed(2),
            scores.windowedSkill());
        // Measured: 0.92 to 0.95 where no-change has 0.83 and the value alone says 0.85.
        assertThat(scores.windowed(0)).isGreaterThan(0.9);
        assertThat(scores.windowedSkill()).isGreaterThan(0.3);
        assertThat(scores.windowed(0)).isGreaterThan(scores.windowed(2));
      }
    }
  }

  @Test
  void withoutLearningItRepeatsTheLabel() {
    var frozen = config.withTraining(new OnlineConfig.Training(4, 2, 0, 0, 0, 0, 1));
    try (var model = OnlineLstm.create(frozen, compute)) {
      feed(model, new LabelSignal(1), 1500);
      assertThat(model.scores().windowedSkill()).isZero();
    }
  }

  @Test
  void aSnapshotAnswersTheLearnersWindowWithItsOwnProbabilitiesInAnyBatch() {
    try (var model = OnlineLstm.create(config, compute);
        var scope = new Scope(1 << 20)) {
      var signal = new LabelSignal(2);
      float[][] rows = new float[200][];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = signal.next();
      }
      for (int i = 0; i < rows.length; i++) {
        ModelSnapshot snapshot = model.snapshot();
        StepReport report = model.observe(rows[i], i);
        assertThat(report.predicting()).isEqualTo(i >= config.network().window() - 1);
        if (report.predicting() && i % 7 == 0) {
          assertThat(report.predictionVersion()).isEqualTo(snapshot.version());
          for (int batch : List.of(1, 2, 5)) {
            assertThat(answer(snapshot, scope, rows, i, batch))
                .as("row %s among %s", i, batch)
                .isEqualTo(report.prediction())
                .isEqualTo(report.scoredPrediction());
          }
        }
        snapshot.release();
      }
    }
  }

  private float[] answer(ModelSnapshot snapshot, Scope scope, float[][] rows, int last, int batch) {
    Signature signature = snapshot.signature();
    int steps = signature.windowRows();
    Tensor windows = scope.empty(DType.F32, Shape.of(batch, steps, signature.values()));
    for (int b = 0; b < batch; b++) {
      int end = b == batch - 1 ? last : steps;
      for (int t = 0; t < steps; t++) {
        int row = end - steps + 1 + t;
        for (int f = 0; f < LabelSignal.FEATURES; f++) {
          windows.set((b * (long) steps + t) * signature.values() + f, rows[row][f]);
        }
        float previous = row == 0 ? Signature.NO_LABEL : rows[row - 1][LabelSignal.FEATURES];
        windows.set((b * (long) steps + t) * signature.values() + LabelSignal.FEATURES, previous);
      }
    }
    Tensor answers = scope.empty(DType.F32, Shape.of(batch, signature.outputElements()));
    snapshot.answer(windows, answers, scope);
    float[] answer = answers.narrow(batch - 1, 1).toFloats();
    scope.reset();
    return answer;
  }

  @Test
  void probabilitiesSumToOneAndTheVersionCountsBatches() {
    try (var model = OnlineLstm.create(config, compute)) {
      var signal = new LabelSignal(3);
      for (int i = 0; i < 100; i++) {
        StepReport report = model.observe(signal.next(), i);
        if (report.predicting()) {
          assertThat(report.prediction()[0] + report.prediction()[1]).isBetween(0.999f, 1.001f);
        }
        // The batch begins with the row that fills the window.
        assertThat(report.version()).isEqualTo(Math.max(0, i - 22) / 4);
        assertThat(report.learned()).isEqualTo(i >= 26 && (i - 22) % 4 == 0);
      }
    }
  }

  @Test
  void aLabelThatIsNoClassIsRefusedBeforeAnythingChanges() {
    try (var model = OnlineLstm.create(config, compute)) {
      feed(model, new LabelSignal(4), 50);
      String before = model.stateHash();
      for (float label : new float[] {-1, 2, 0.5f, Float.NaN}) {
        assertThatThrownBy(() -> model.observe(new float[] {1, 2, label}, 50))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(Float.isNaN(label) ? "finite" : "whole number from 0 to 1");
      }
      assertThatThrownBy(() -> model.observe(new float[] {1, 2}, 50))
          .hasMessageContaining("expected 3 values, got 2");
      assertThat(model.stateHash()).isEqualTo(before);
    }
  }

  private static void feed(OnlineLstm model, LabelSignal signal, int rows) {
    for (int i = 0; i < rows; i++) {
      model.observe(signal.next(), i);
    }
  }
}
