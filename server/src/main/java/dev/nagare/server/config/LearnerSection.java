package dev.nagare.server.config;

import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineConfig.Guards;
import dev.nagare.models.online.OnlineConfig.Network;
import dev.nagare.models.online.OnlineConfig.Task;
import dev.nagare.models.online.OnlineConfig.Training;

/** The sections {@code learner} and {@code guards} of a model. */
final class LearnerSection {
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
    Section in = model.section("learner");
    var network =
        new Network(
            in.integer("window", usual.network().window(), 2, 4096),
            in.integer("hidden", usual.network().hidden(), 1, 4096),
            in.fraction("dropout", usual.network().dropout()));
    Task task =
        switch (usual.task()) {
          case Task.Forecast forecast -> forecast(in, forecast, network.window());
          case Task.Classify classify -> {
            in.none("only for task: forecast", "horizon", "season", "huber-delta");
            yield examples ? new Task.ClassifyExamples(classes) : classify;
          }
          case Task.ClassifyExamples classify -> classify;
        };
    Training training = training(in, usual.training());
    int scoreWindow = in.integer("score-window", usual.scoreWindow(), 1, 1_000_000);
    long seed = in.integer("seed", usual.seed(), Long.MIN_VALUE, Long.MAX_VALUE);
    in.end();
    Guards guards = guards(model.section("guards"), usual.guards());
    return new OnlineConfig(features, task, network, training, guards, scoreWindow, seed);
  }

  private static Task forecast(Section in, Task.Forecast usual, int window) {
    int horizon = in.integer("horizon", usual.horizon(), 1, 4096);
    int season = in.integer("season", usual.season(), 1, 4096);
    if (season > window) {
      in.fault("season", "expected at most the window, " + window + ", got " + season);
    }
    return new Task.Forecast(
        horizon, Math.min(season, window), in.decimal("huber-delta", usual.huberDelta(), 0, false));
  }

  private static Training training(Section in, Training usual) {
    int batch = in.integer("batch", usual.batch(), 1, 4096);
    int shards = in.integer("shards", usual.shards(), 1, 4096);
    if (batch % shards != 0) {
      in.fault("shards", "expected a divisor of the batch, " + batch + ", got " + shards);
      shards = 1;
    }
    in.choice("optimizer", Optimizer.ADAM);
    return new Training(
        batch,
        shards,
        in.decimal("learning-rate", usual.learningRate(), 0, true),
        in.integer("warm-up-steps", usual.warmUpSteps(), 0, Long.MAX_VALUE),
        in.integer("decay-steps", usual.decaySteps(), 0, Long.MAX_VALUE),
        in.decimal("final-learning-rate", usual.finalLearningRate(), 0, true),
        in.decimal("clip-norm", usual.clipNorm(), 0, false));
  }

  private static Guards guards(Section in, Guards usual) {
    var guards =
        new Guards(
            in.integer("snapshot-steps", usual.snapshotSteps(), 1, 1_000_000),
            in.decimal("loss-deviations", usual.lossDeviations(), 0, true),
            factor(in, "norm-jump", usual.normJump()),
            factor(in, "worse-than-baseline", usual.worseThanBaseline()));
    in.end();
    return guards;
  }

  /** 0 for no guard, or a number above 1. */
  private static double factor(Section in, String key, double fallback) {
    double factor = in.decimal(key, fallback, 0, true);
    if (factor > 0 && factor <= 1) {
      in.fault(key, "expected a number above 1, or 0 for no such guard, got " + factor);
      return fallback;
    }
    return factor;
  }
}
