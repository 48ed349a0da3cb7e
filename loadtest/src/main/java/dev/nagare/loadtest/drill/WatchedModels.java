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
import java.nio.ByteBuffer;
import java.util.function.UnaryOperator;

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
          case DROP_RNG -> changed("random", WatchedModels::zeros, state);
          case SKIP_MOMENT -> changed("adam.second", WatchedModels::zeroTensors, state);
          default -> state;
        };
    return new WatchedModel(
        product.restored(config, remembered),
        spec,
        ledger,
        goalReached,
        sabotage == Sabotage.DOUBLE_APPLY);
  }

  /** The same state, but for one section. */
  private static DataInput changed(String section, UnaryOperator<byte[]> change, DataInput state)
      throws IOException {
    var sections = new StateInput(state);
    var bytes = new ByteArrayOutputStream();
    var out = new StateOutput(new DataOutputStream(bytes));
    for (String name : sections.names()) {
      byte[] content = sections.bytes(name);
      byte[] written = name.equals(section) ? change.apply(content) : content;
      out.section(name, into -> into.write(written));
    }
    out.end();
    return new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
  }

  private static byte[] zeros(byte[] content) {
    return new byte[content.length];
  }

  /**
   * Tensors of the same shapes, full of zeros: each is its element size and its rank in a byte, its
   * axes in 8 bytes, and its elements.
   */
  private static byte[] zeroTensors(byte[] content) {
    var in = ByteBuffer.wrap(content);
    var zeroed = ByteBuffer.allocate(content.length);
    while (in.hasRemaining()) {
      byte elementBytes = in.get();
      byte rank = in.get();
      zeroed.put(elementBytes).put(rank);
      long size = elementBytes;
      for (int axis = 0; axis < rank; axis++) {
        long length = in.getLong();
        zeroed.putLong(length);
        size *= length;
      }
      in.position(in.position() + Math.toIntExact(size));
      zeroed.position(in.position());
    }
    return zeroed.array();
  }
}
