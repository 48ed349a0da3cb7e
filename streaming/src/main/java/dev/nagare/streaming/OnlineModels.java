package dev.nagare.streaming;

import dev.nagare.models.online.ForecasterConfig;
import dev.nagare.models.online.OnlineModel;
import java.io.DataInput;
import java.io.IOException;

/** Where learners get their models from. */
interface OnlineModels {

  /** A model that has learned nothing. */
  OnlineModel fresh(ForecasterConfig config);

  /**
   * A model as {@link OnlineModel#save} left it.
   *
   * @throws IOException if the state cannot be read or is of another configuration
   */
  OnlineModel restored(ForecasterConfig config, DataInput state) throws IOException;
}
