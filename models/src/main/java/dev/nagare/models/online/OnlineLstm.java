package dev.nagare.models.online;

import java.io.DataInput;
import java.io.IOException;

/** Makes online models of a configuration. */
public final class OnlineLstm {
  private OnlineLstm() {}

  /** A fresh model. */
  public static OnlineModel create(OnlineConfig config, Compute compute) {
    return OnlineForecaster.create(of(config), compute);
  }

  /** The model that was saved. */
  public static OnlineModel load(DataInput in, OnlineConfig config, Compute compute)
      throws IOException {
    return OnlineForecaster.load(in, of(config), compute);
  }

  private static ForecasterConfig of(OnlineConfig config) {
    var training = config.training();
    return new ForecasterConfig(
        config.features(),
        config.network().window(),
        config.network().hidden(),
        training.learningRate(),
        training.warmUpSteps(),
        training.decaySteps(),
        training.finalLearningRate(),
        training.clipNorm(),
        ((OnlineConfig.Task.Forecast) config.task()).huberDelta(),
        config.scoreWindow(),
        config.seed());
  }
}
