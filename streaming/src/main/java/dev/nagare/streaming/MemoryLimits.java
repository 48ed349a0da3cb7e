package dev.nagare.streaming;

import dev.nagare.models.inference.MemoryBudget;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.tensor.TensorException;
import java.util.HashMap;
import java.util.Map;

/**
 * What the models of the repository hold, against what they may hold: each model with all its
 * versions, those that answer what they had accepted included, and all models together.
 *
 * <p>Safe for any thread.
 */
final class MemoryLimits {
  private final long mostOfAll;
  private final int lanes;
  private final StreamingObserver told;
  private final Map<String, Long> held = new HashMap<>(); // guarded by this
  private long heldByAll; // guarded by this

  /**
   * Nothing is held yet.
   *
   * @param mostOfAll bytes
   * @param lanes that each open a model's plans
   */
  MemoryLimits(long mostOfAll, int lanes, StreamingObserver told) {
    this.mostOfAll = mostOfAll;
    this.lanes = lanes;
    this.told = told;
  }

  /**
   * The share of a version that is about to be loaded, empty at first; to be closed when the
   * version was freed.
   *
   * @param most bytes of all versions of the model
   */
  Share open(ModelPackage found, long most) {
    return new Share(found, most, lanes);
  }

  private synchronized void take(Share share, String what, long bytes) {
    String model = share.found.name();
    long own = held.getOrDefault(model, 0L);
    if (bytes > share.most - own) {
      throw refused(
          what + " " + bytes + " bytes; the versions of " + model + " hold " + own,
          share.most,
          "memory-limit-bytes in its model.yaml; raise it, or wait until an old version is freed");
    }
    if (bytes > mostOfAll - heldByAll) {
      throw refused(
          what + " " + bytes + " bytes; the models of the repository hold " + heldByAll,
          mostOfAll,
          "repository.memory-limit-bytes; raise it, or unload a model");
    }
    hold(model, bytes);
    share.bytes += bytes;
  }

  private static TensorException refused(String need, long most, String remedy) {
    return new TensorException(
        TensorException.Kind.OUT_OF_BUDGET,
        "memory: " + need + " of at most " + most + " (" + remedy + ")");
  }

  private synchronized void giveBack(Share share) {
    hold(share.found.name(), -share.bytes);
    share.bytes = 0;
  }

  private void hold(String model, long bytes) {
    heldByAll += bytes;
    told.memory(model, held.merge(model, bytes, Long::sum));
  }

  /** What one version holds. */
  final class Share implements MemoryBudget.Meanwhile {
    private final ModelPackage found;
    private final long most;
    private final int lanes;
    private long bytes; // guarded by the limits

    private Share(ModelPackage found, long most, int lanes) {
      this.found = found;
      this.most = most;
      this.lanes = lanes;
    }

    @Override
    public Share meanwhile() {
      return new Share(found, most, 1);
    }

    @Override
    public void weights(long wanted) {
      take(this, "the weights of version " + found.version() + " need", wanted);
    }

    @Override
    public void plan(long bytesOfALane) {
      String what = "the plan of version " + found.version() + " needs, for " + lanes + " lanes,";
      take(this, what, Math.multiplyExact(bytesOfALane, lanes));
    }

    /**
     * Takes what answers that are remembered may hold.
     *
     * @throws TensorException kind OUT_OF_BUDGET if it is more than there is
     */
    void cache(long wanted) {
      take(this, "the cache of version " + found.version() + " needs", wanted);
    }

    /** Gives everything back. A second call does nothing. */
    @Override
    public void close() {
      giveBack(this);
    }
  }
}
