package dev.nagare.models.online;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.tensor.MemoryPool;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GuardsTest {
  private static final int WINDOW = 16;
  private static final int BATCH = 4;
  private static final long WARM_UP = 20;

  private final Compute compute = Compute.best(new MemoryPool("snapshots", 1 << 26));
  private final OnlineConfig config =
      OnlineConfig.classifier(LabelSignal.FEATURES, 2)
          .withNetwork(new OnlineConfig.Network(WINDOW, 16, 0))
          .withTraining(new OnlineConfig.Training(BATCH, 1, 1e-2, WARM_UP, 5000, 3e-3, 1))
          .withScoreWindow(200);

  @Test
  void aBurstOfWrongLabelsIsASpikeAndLearningRecovers() throws IOException {
    // Features that decide the label: what is learned is sure, and a wrong label is far off.
    var guarded = config.withGuards(new OnlineConfig.Guards(10, 12, 0, 0));
    try (var model = OnlineLstm.create(guarded, compute)) {
      var signal = new SureSignal();
      StepReport report = signal.feed(model, 4000, false);
      double before = report.scores().windowed(0);
      List<Long> quarantined = new ArrayList<>();
      int trips = 0;
      for (int i = 0; i < 40; i++) {
        float[] row = signal.next(true);
        byte[] state = States.save(model);
        report = model.observe(row, signal.position());
        if (report.guard() != null) {
          trips++;
          assertThat(report.guard()).isEqualTo(Guard.LOSS_SPIKE);
          assertThat(report.learned()).isFalse();
          assertThat(report.quarantined()).isEqualTo(BATCH);
          assertThat(report.quarantinedRows()[BATCH - 1]).isEqualTo(row);
          for (long position : report.quarantinedPositions()) {
            quarantined.add(position);
          }
          assertThatGoodCopyIsBack(model, state);
        }
      }
      assertThat(trips).as("batches of wrong labels that were caught").isGreaterThanOrEqualTo(8);
      assertThat(quarantined).isSorted().doesNotHaveDuplicates();
      assertThatWarmUpBeginsAgain(signal, model);
      report = signal.feed(model, 1000, false);
      System.out.printf(
          "accuracy %.3f, after the burst %.3f%n", before, report.scores().windowed(0));
      assertThat(report.scores().windowed(0)).isGreaterThan(before - 0.02);
    }
  }

  /** Weights, both moments and the optimizer's step are those of the good copy. */
  private static void assertThatGoodCopyIsBack(OnlineModel model, byte[] before)
      throws IOException {
    StateInput state = States.read(model);
    for (String name : List.of("weights", "adam.first", "adam.second", "adam.step")) {
      assertThat(state.bytes(name)).as(name).isEqualTo(state.bytes("good." + name));
    }
    StateInput old = States.read(before);
    assertThat(state.bytes("good.weights")).isEqualTo(old.bytes("good.weights"));
  }

  private void assertThatWarmUpBeginsAgain(SureSignal signal, OnlineModel model) {
    int steps = 0;
    float last = 0;
    while (steps < WARM_UP + 2) {
      StepReport report = model.observe(signal.next(false), signal.position());
      if (report.learned()) {
        float rate = report.learningRate();
        if (steps == 0) {
          assertThat(rate).isLessThan((float) (2 * 1e-2 / WARM_UP));
        } else if (steps < WARM_UP) {
          assertThat(rate).isGreaterThan(last);
        } else {
          assertThat(rate).as("the decay has gone on").isLessThanOrEqualTo(last);
        }
        last = rate;
        steps++;
      }
    }
    assertThat(last).isGreaterThan(3e-3f);
  }

  @Test
  void aStepThatMultipliesTheWeightsIsTakenBack() throws IOException {
    var wild =
        config
            .withTraining(new OnlineConfig.Training(BATCH, 1, 5, 0, 0, 5, 1))
            .withGuards(new OnlineConfig.Guards(10, 0, 2, 0));
    try (var model = OnlineLstm.create(wild, compute)) {
      byte[] fresh = States.read(model).bytes("weights");
      StepReport report = new SureSignal().feed(model, WINDOW + BATCH - 1, false);
      assertThat(report.guard()).isEqualTo(Guard.NORM_JUMP);
      assertThat(report.version()).isEqualTo(1);
      assertThat(States.read(model).bytes("weights")).isEqualTo(fresh);
      assertThat(States.read(model).bytes("adam.step")).containsOnly(0);
    }
  }

  @Test
  void weightsThatAreNotFiniteAreAlwaysTakenBack() throws IOException {
    var broken =
        config
            .withTraining(new OnlineConfig.Training(BATCH, 1, 1e300, 0, 0, 1e300, 1))
            .withGuards(OnlineConfig.Guards.NONE);
    try (var model = OnlineLstm.create(broken, compute)) {
      byte[] fresh = States.read(model).bytes("weights");
      StepReport report = new SureSignal().feed(model, WINDOW + BATCH - 1, false);
      assertThat(report.guard()).isEqualTo(Guard.NON_FINITE);
      assertThat(report.learned()).isFalse();
      assertThat(States.read(model).bytes("weights")).isEqualTo(fresh);
      report = new SureSignal().feed(model, 1, false);
      assertThat(report.prediction()).doesNotContain(Float.NaN);
    }
  }

  @Test
  void aModelThatIsWorseThanTheBaselineGoesBack() throws IOException {
    // Steps so long that the model never comes to rest, on labels that seldom change.
    var restless =
        config
            .withTraining(new OnlineConfig.Training(BATCH, 1, 0.5, 0, 0, 0.5, 1))
            .withGuards(new OnlineConfig.Guards(1000, 0, 0, 1.2));
    try (var model = OnlineLstm.create(restless, compute)) {
      var signal = new LabelSignal(6);
      Guard tripped = null;
      for (int i = 0; i < 2000 && tripped == null; i++) {
        byte[] before = States.save(model);
        StepReport report = model.observe(signal.next(), i);
        tripped = report.guard();
        if (tripped != null) {
          System.out.printf("worse than no change by row %d%n", i);
          assertThatGoodCopyIsBack(model, before);
        }
      }
      assertThat(tripped).isEqualTo(Guard.WORSE_THAN_BASELINE);
    }
  }

  @Test
  void theGoodCopyIsRefreshedByStepsThatAreKept() throws IOException {
    var guarded = config.withGuards(new OnlineConfig.Guards(10, 40, 2, 3));
    try (var model = OnlineLstm.create(guarded, compute)) {
      var signal = new SureSignal();
      byte[] fresh = States.read(model).bytes("good.weights");
      signal.feed(model, WINDOW - 1 + 9 * BATCH, false);
      assertThat(model.version()).isEqualTo(9);
      assertThat(States.read(model).bytes("good.weights")).isEqualTo(fresh);
      signal.feed(model, BATCH, false);
      StateInput state = States.read(model);
      assertThat(state.bytes("good.weights")).isEqualTo(state.bytes("weights")).isNotEqualTo(fresh);
      assertThat(state.bytes("good.adam.second")).isEqualTo(state.bytes("adam.second"));
    }
  }

  @Test
  void ordinaryStreamsTripNothing() {
    for (long seed = 1; seed <= 3; seed++) {
      try (var forecaster =
              OnlineLstm.create(OnlineConfig.forecaster(LoadSignal.FEATURES), compute);
          var classifier = OnlineLstm.create(config, compute)) {
        var load = new LoadSignal(seed);
        var labels = new LabelSignal(seed);
        for (int i = 0; i < 3000; i++) {
          assertThat(forecaster.observe(load.next(), i).guard()).as("load, row %s", i).isNull();
          assertThat(classifier.observe(labels.next(), i).guard()).as("labels, %s", i).isNull();
        }
      }
    }
  }

  @Test
  void aLossThatStaysHighIsAcceptedInTheEnd() {
    var watch = new LossWatch(10, 0);
    for (int i = 0; i < 1000; i++) {
      watch.isSpike(1 + 0.01 * (i % 3));
    }
    int spikes = 0;
    while (watch.isSpike(5)) {
      spikes++;
    }
    System.out.println("a fivefold loss is accepted after " + spikes + " spikes");
    assertThat(spikes).isBetween(1, 200);
  }

  @Test
  void aSmallLossIsNoSpikeHoweverSmallTheOthersAre() {
    var watch = new LossWatch(10, 0.69);
    for (int i = 0; i < 1000; i++) {
      watch.isSpike(1e-4 * (1 + i % 3));
    }
    assertThat(watch.isSpike(0.6)).isFalse();
    assertThat(watch.isSpike(3)).isTrue();
  }

  /** Labels that the first feature decides, in runs; or their opposite. */
  private static final class SureSignal {
    private final Random random = new Random(5);
    private int at;
    private boolean up;

    float[] next(boolean wrong) {
      if (random.nextInt(8) == 0) {
        up = !up;
      }
      at++;
      float value = (up ? 1 : -1) + 0.1f * (float) random.nextGaussian();
      return new float[] {value, (float) random.nextGaussian(), up == wrong ? 0 : 1};
    }

    long position() {
      return at;
    }

    StepReport feed(OnlineModel model, int rows, boolean wrong) {
      StepReport report = model.observe(next(wrong), position());
      for (int i = 1; i < rows; i++) {
        report = model.observe(next(wrong), position());
      }
      return report;
    }
  }
}
