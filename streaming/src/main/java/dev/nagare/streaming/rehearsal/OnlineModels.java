package dev.nagare.streaming.rehearsal;

import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineModel;
import java.io.DataInput;
import java.io.IOException;

/** Where learners get their models from. */
public interface OnlineModels {

  /** A model that has learned nothing. */
  OnlineModel fresh(OnlineConfig config);

  /**
   * A model as {@link OnlineModel#save} left it.
   *
   * @throws IOException if the state cannot be read
   * @throws IllegalArgumentException if it is of another configuration
   */
  OnlineModel restored(OnlineConfig config, DataInput state) throws IOException;
}
