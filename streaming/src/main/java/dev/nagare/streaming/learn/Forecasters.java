package dev.nagare.streaming.learn;

import dev.nagare.models.online.Compute;
import dev.nagare.models.online.ForecasterConfig;
import dev.nagare.models.online.OnlineForecaster;
import dev.nagare.models.online.OnlineModel;
import java.io.DataInput;
import java.io.IOException;

/**
 * The product's models.
 *
 * @param compute what they compute with
 */
record Forecasters(Compute compute) implements OnlineModels {

  @Override
  public OnlineModel fresh(ForecasterConfig config) {
    return OnlineForecaster.create(config, compute);
  }

  @Override
  public OnlineModel restored(ForecasterConfig config, DataInput state) throws IOException {
    return OnlineForecaster.load(state, config, compute);
  }
}
