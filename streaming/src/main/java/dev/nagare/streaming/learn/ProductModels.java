package dev.nagare.streaming.learn;

import dev.nagare.models.online.Compute;
import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineLstm;
import dev.nagare.models.online.OnlineModel;
import dev.nagare.streaming.rehearsal.OnlineModels;
import java.io.DataInput;
import java.io.IOException;

/**
 * The product's models.
 *
 * @param compute what they compute with
 */
public record ProductModels(Compute compute) implements OnlineModels {

  @Override
  public OnlineModel fresh(OnlineConfig config) {
    return OnlineLstm.create(config, compute);
  }

  @Override
  public OnlineModel restored(OnlineConfig config, DataInput state) throws IOException {
    return OnlineLstm.load(state, config, compute);
  }
}
