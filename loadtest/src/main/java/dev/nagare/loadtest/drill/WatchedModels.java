package dev.nagare.loadtest.drill;

import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineModel;
import dev.nagare.models.online.StateInput;
import dev.nagare.models.online.StateOutput;
import dev.nagare.streaming.rehearsal.OnlineModels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/** The product's models, each watched; restored ones forget what the sabotage says. */
final class WatchedModels implements OnlineModels {
  private final OnlineModels product;
  private final LearnerSpec spec;
  private final Ledger ledger;
  private final Runnable goalReached;

  /**
   * Watches models.
   *
   * @param ledger told of each row
   * @param goalReached called, perhaps more than once, when the learner may end
   */
  WatchedModels(OnlineModels product, LearnerSpec spec, Ledger ledger, Runnable goalReached) {
    this.product = product;
    this.spec = spec;
    this.ledger = ledger;
    this.goalReached = goalReached;
  }

  @Override
  public OnlineModel fresh(OnlineConfig config) {
    return new WatchedModel(product.fresh(config), spec, ledger, goalReached, false);
  }

  @Override
  public OnlineModel restored(OnlineConfig config, DataInput state) throws IOException {
    Sabotage sabotage = spec.fault().sabotage();
    DataInput remembered =
        switch (sabotage) {
          case DROP_RNG -> without("random", state);
          case SKIP_MOMENT -> without("adam.second", state);
          default -> state;
        };
    return new WatchedModel(
        product.restored(config, remembered),
        spec,
        ledger,
        goalReached,
        sabotage == Sabotage.DOUBLE_APPLY);
  }

  /** The same state, with zeros for one section's content. */
  private static DataInput without(String forgotten, DataInput state) throws IOException {
    var sections = new StateInput(state);
    byte[] zeros = new byte[sections.bytes(forgotten).length];
    var bytes = new ByteArrayOutputStream();
    var out = new StateOutput(new DataOutputStream(bytes));
    for (String name : sections.names()) {
      byte[] content = name.equals(forgotten) ? zeros : sections.bytes(name);
      out.section(name, section -> section.write(content));
    }
    out.end();
    return new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
  }
}
