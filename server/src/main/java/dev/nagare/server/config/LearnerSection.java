package dev.nagare.server.config;

import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineConfig.Guards;
import dev.nagare.models.online.OnlineConfig.Network;
import dev.nagare.models.online.OnlineConfig.Task;
import dev.nagare.models.online.OnlineConfig.Training;

/** The sections {@code learner} and {@code guards} of a model. */
final class LearnerSection {
  private static final Key LEARNER =
      Key.of(
          "learner",
          "How it learns. A checkpoint belongs to one setting of these, and a server"
              + " with another refuses to start");
  private static final Key WINDOW =
      Key.of("window", "rows that a prediction looks back on, and the length of back-propagation")
          .in("rows");
  private static final Key HIDDEN =
      Key.of("hidden", "LSTM units: what it can learn against what a step costs").in("units");
  private static final Key DROPOUT =
      Key.of(
          "dropout",
          "part of the LSTM's outputs that a step leaves out; the masks depend on seed"
              + " and step only");
  private static final Key HORIZON =
      Key.of(
              "horizon",
              "for `task: forecast`: rows ahead; a row is learned from when the last of them"
                  + " is in")
          .in("rows");
  private static final Key SEASON =
      Key.of(
              "season",
              "for `task: forecast`: a fresh model repeats the row so many rows before the"
                  + " one it forecasts; at most `window`")
          .in("rows");
  private static final Key HUBER_DELTA =
      Key.of(
          "huber-delta",
          "for `task: forecast`: where the loss turns from quadratic to linear, in"
              + " normalised units");
  private static final Key BATCH =
      Key.of("batch", "rows per step: throughput against how soon a row counts").in("rows");
  private static final Key SHARDS =
      Key.of(
          "shards",
          "parts that a batch is cut into, a divisor of `batch`; gradients are added in"
              + " their order");
  private static final Key OPTIMIZER =
      Key.of("optimizer", "how weights follow a gradient: the one there is");
  private static final Key LEARNING_RATE =
      Key.of("learning-rate", "its peak; 0 (with a final rate of 0) freezes the weights");
  private static final Key WARM_UP =
      Key.of("warm-up-steps", "linear warm-up, at the start and after a guard").in("steps");
  private static final Key DECAY = Key.of("decay-steps", "cosine decay after it").in("steps");
  private static final Key FINAL_RATE =
      Key.of("final-learning-rate", "kept for ever after the decay");
  private static final Key CLIP_NORM = Key.of("clip-norm", "largest global norm of a gradient");
  private static final Key SCORE_WINDOW =
      Key.of(
              "score-window",
              "rows in the windowed scores, and between looks of `worse-than-baseline`")
          .in("rows");
  private static final Key SEED =
      Key.of("seed", "of the initial weights and every random number").within("a whole number");
  private static final Key GUARDS =
      Key.of(
          "guards",
          "A tripped guard quarantines the batch, takes weights and optimizer back to"
              + " the last good copy and warms up again. A loss or gradient that is not finite"
              + " is always caught");
  private static final Key SNAPSHOT_STEPS =
      Key.of("snapshot-steps", "steps between good copies").in("steps");
  private static final Key LOSS_DEVIATIONS =
      Key.of(
          "loss-deviations",
          "a loss so many standard deviations above its running mean is a spike; 0: no"
              + " such guard");
  private static final Key NORM_JUMP =
      Key.of("norm-jump", "a step that multiplies the norm of the weights by more is a jump")
          .within("a number above 1, or 0 for no such guard");
  private static final Key WORSE =
      Key.of(
              "worse-than-baseline",
              "windowed error over that of the no-change baseline beyond which the model"
                  + " goes back")
          .within("a number above 1, or 0 for no such guard");

  private LearnerSection() {}

  /** How weights follow a gradient. */
  private enum Optimizer {
    ADAM
  }

  /**
   * Reads both sections.
   *
   * @param model the entry that has them
   * @param classes 0 for a forecast
   * @param examples whether a classifier learns from examples that hold their own window
   */
  static OnlineConfig read(Section model, int features, int classes, boolean examples) {
    OnlineConfig usual =
        classes > 0
            ? OnlineConfig.classifier(features, classes)
            : OnlineConfig.forecaster(features);
    Section in = model.section(LEARNER);
    var network =
        new Network(
            in.integer(WINDOW, usual.network().window(), 2, 4096),
            in.integer(HIDDEN, usual.network().hidden(), 1, 4096),
            in.fraction(DROPOUT, usual.network().dropout()));
    Task task =
        switch (usual.task()) {
          case Task.Forecast forecast -> forecast(in, forecast, network.window());
          case Task.Classify classify -> {
            in.none("only for task: forecast", HORIZON, SEASON, HUBER_DELTA);
            yield examples ? new Task.ClassifyExamples(classes) : classify;
          }
          case Task.ClassifyExamples classify -> classify;
        };
    Training training = training(in, usual.training());
    int scoreWindow = in.integer(SCORE_WINDOW, usual.scoreWindow(), 1, 1_000_000);
    long seed = in.integer(SEED, usual.seed(), Long.MIN_VALUE, Long.MAX_VALUE);
    in.end();
    Guards guards = guards(model.section(GUARDS), usual.guards());
    return new OnlineConfig(features, task, network, training, guards, scoreWindow, seed);
  }

  private static Task forecast(Section in, Task.Forecast usual, int window) {
    int horizon = in.integer(HORIZON, usual.horizon(), 1, 4096);
    int season = in.integer(SEASON, usual.season(), 1, 4096);
    if (season > window) {
      in.fault(SEASON, "expected at most the window, " + window + ", got " + season);
    }
    return new Task.Forecast(
        horizon, Math.min(season, window), in.decimal(HUBER_DELTA, usual.huberDelta(), 0, false));
  }

  private static Training training(Section in, Training usual) {
    int batch = in.integer(BATCH, usual.batch(), 1, 4096);
    int shards = in.integer(SHARDS, usual.shards(), 1, 4096);
    if (batch % shards != 0) {
      in.fault(SHARDS, "expected a divisor of the batch, " + batch + ", got " + shards);
      shards = 1;
    }
    in.choice(OPTIMIZER, Optimizer.ADAM);
    return new Training(
        batch,
        shards,
        in.decimal(LEARNING_RATE, usual.learningRate(), 0, true),
        in.integer(WARM_UP, usual.warmUpSteps(), 0, Long.MAX_VALUE),
        in.integer(DECAY, usual.decaySteps(), 0, Long.MAX_VALUE),
        in.decimal(FINAL_RATE, usual.finalLearningRate(), 0, true),
        in.decimal(CLIP_NORM, usual.clipNorm(), 0, false));
  }

  private static Guards guards(Section in, Guards usual) {
    var guards =
        new Guards(
            in.integer(SNAPSHOT_STEPS, usual.snapshotSteps(), 1, 1_000_000),
            in.decimal(LOSS_DEVIATIONS, usual.lossDeviations(), 0, true),
            factor(in, NORM_JUMP, usual.normJump()),
            factor(in, WORSE, usual.worseThanBaseline()));
    in.end();
    return guards;
  }

  /** 0 for no guard, or a number above 1. */
  private static double factor(Section in, Key key, double fallback) {
    double factor = in.decimal(key, fallback, 0, true);
    if (factor > 0 && factor <= 1) {
      in.fault(key, "expected a number above 1, or 0 for no such guard, got " + factor);
      return fallback;
    }
    return factor;
  }
}
