package dev.nagare.models.online;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class OnlineConfigTest {
  private final OnlineConfig config = OnlineConfig.forecaster(3);

  @Test
  void whatCannotWorkIsRefusedWithTheRule() {
    refused(() -> OnlineConfig.forecaster(0), "features must be at least 1, got 0");
    refused(() -> new OnlineConfig.Task.Forecast(0, 1, 1), "horizon must be at least 1");
    refused(() -> new OnlineConfig.Task.Forecast(1, 0, 1), "season must be at least 1");
    refused(() -> new OnlineConfig.Task.Forecast(1, 1, 0), "huber delta must be more than 0");
    refused(() -> new OnlineConfig.Task.Classify(1), "classes must be at least 2");
    refused(() -> new OnlineConfig.Network(1, 1, 0), "window must be at least 2");
    refused(() -> new OnlineConfig.Network(2, 0, 0), "hidden must be at least 1");
    refused(() -> new OnlineConfig.Network(2, 1, 1), "dropout must be from 0");
    refused(() -> training(4, 3, 1), "shards must be a divisor of the batch 4");
    refused(() -> training(0, 1, 1), "batch must be at least 1");
    refused(() -> training(1, 1, Double.NaN), "learning rate must be 0 or more");
    refused(() -> new OnlineConfig.Guards(0, 0, 0, 0), "snapshot steps must be at least 1");
    refused(() -> new OnlineConfig.Guards(1, -1, 0, 0), "loss deviations must be 0 or more");
    refused(() -> new OnlineConfig.Guards(1, 0, 1, 0), "norm jump must be 0 or above 1");
    refused(() -> new OnlineConfig.Guards(1, 0, 0, 0.5), "worse than baseline must be 0 or above");
    refused(() -> config.withScoreWindow(0), "score window must be at least 1");
    refused(
        () -> config.withTask(new OnlineConfig.Task.Forecast(1, 33, 1)),
        "season must be at most the window 32, got 33");
  }

  private static OnlineConfig.Training training(int batch, int shards, double rate) {
    return new OnlineConfig.Training(batch, shards, rate, 0, 0, 0, 1);
  }

  private static void refused(ThrowingCallable what, String rule) {
    assertThatThrownBy(what)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(rule);
  }

  @Test
  void everyPartChangesTheSettings() {
    assertThat(
            List.of(
                config.withTask(new OnlineConfig.Task.Classify(2)).settings(),
                config.withTask(new OnlineConfig.Task.Forecast(1, 1, 0.31)).settings(),
                config.withNetwork(new OnlineConfig.Network(32, 64, 0.1)).settings(),
                config.withTraining(training(1, 1, 1e-3)).settings(),
                config.withGuards(OnlineConfig.Guards.NONE).settings(),
                config.withScoreWindow(7).settings(),
                config.withSeed(7).settings()))
        .doesNotContain(config.settings())
        .doesNotHaveDuplicates();
  }
}
