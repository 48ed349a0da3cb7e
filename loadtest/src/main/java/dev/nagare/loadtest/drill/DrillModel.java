package dev.nagare.loadtest.drill;

import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineConfig.Guards;
import dev.nagare.models.online.OnlineConfig.Network;
import dev.nagare.models.online.OnlineConfig.Task.Forecast;
import dev.nagare.models.online.OnlineConfig.Training;
import java.util.List;

/**
 * The model that is drilled: small, so that a life is short, and with everything that a restart
 * could forget: batches that a kill cuts in two, dropout, warm-up and decay, guards with windows
 * and copies to go back to.
 */
final class DrillModel {
  static final List<String> FEATURES = List.of("level", "flow");
  static final int WINDOW = 8;
  static final double HUBER_DELTA = 1.0;

  static final OnlineConfig CONFIG =
      new OnlineConfig(
          FEATURES.size(),
          new Forecast(1, 1, HUBER_DELTA),
          new Network(WINDOW, 8, 0.2),
          new Training(4, 2, 0.003, 30, 2000, 0.0005, 1.0),
          new Guards(10, 8.0, 0, 0),
          50,
          1);

  private DrillModel() {}
}
