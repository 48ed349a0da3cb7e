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
   */
  static OnlineConfig read(Section model, int features, int classes) {
    Section in = model.section("learner");
    var network =
        new Network(
            in.integer("window", 32, 2, 4096),
            in.integer("hidden", 64, 1, 4096),
            in.fraction("dropout", 0));
    Task task = classes > 0 ? classify(in, classes) : forecast(in);
    Training training = training(in);
    int scoreWindow = in.integer("score-window", 300, 1, 1_000_000);
    long seed = in.integer("seed", 1L, Long.MIN_VALUE, Long.MAX_VALUE);
    in.end();
    Guards guards = guards(model.section("guards"));
    return new OnlineConfig(features, task, network, training, guards, scoreWindow, seed);
  }

  private static Task forecast(Section in) {
    return new Task.Forecast(
        in.integer("horizon", 1, 1, 4096),
        in.integer("season", 1, 1, 1 << 20),
        in.decimal("huber-delta", 1.0, 0, false));
  }

  private static Task classify(Section in, int classes) {
    in.none("only for task: forecast", "horizon", "season", "huber-delta");
    return new Task.Classify(classes);
  }

  private static Training training(Section in) {
    int batch = in.integer("batch", 1, 1, 4096);
    int shards = in.integer("shards", 1, 1, 4096);
    if (shards > batch) {
      in.fault(
          "shards", "expected at most one for each row of the batch, " + batch + ", got " + shards);
    }
    in.choice("optimizer", Optimizer.ADAM);
    return new Training(
        batch,
        shards,
        in.decimal("learning-rate", 3e-3, 0, true),
        in.integer("warm-up-steps", 200L, 0, Long.MAX_VALUE),
        in.integer("decay-steps", 20_000L, 0, Long.MAX_VALUE),
        in.decimal("final-learning-rate", 5e-4, 0, true),
        in.decimal("clip-norm", 1.0, 0, false));
  }

  private static Guards guards(Section in) {
    var guards =
        new Guards(
            in.integer("snapshot-steps", 100, 1, 1_000_000),
            in.decimal("loss-deviations", 20, 0, true),
            factor(in, "norm-jump", 2),
            factor(in, "worse-than-baseline", 0));
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
