package dev.nagare.loadtest.drill;

import dev.nagare.models.online.ModelSnapshot;
import dev.nagare.models.online.OnlineModel;
import dev.nagare.models.online.Signature;
import dev.nagare.models.online.StateOutput;
import dev.nagare.models.online.StepReport;
import java.io.DataInput;
import java.io.IOException;

/** A model of the product, each of whose rows is entered in the ledger. */
final class WatchedModel implements OnlineModel {
  private final OnlineModel model;
  private final LearnerSpec spec;
  private final Ledger ledger;
  private final Runnable goalReached;
  private final long firstVersion;
  private boolean twice;

  /**
   * Watches a model, which belongs to this one from now on.
   *
   * @param twice whether the next row is learned twice
   */
  WatchedModel(
      OnlineModel model, LearnerSpec spec, Ledger ledger, Runnable goalReached, boolean twice) {
    this.model = model;
    this.spec = spec;
    this.ledger = ledger;
    this.goalReached = goalReached;
    this.firstVersion = model.version();
    this.twice = twice;
  }

  @Override
  public int width() {
    return model.width();
  }

  @Override
  public Signature signature() {
    return model.signature();
  }

  @Override
  public long version() {
    return model.version();
  }

  @Override
  public String kernelId() {
    return model.kernelId();
  }

  @Override
  public StepReport observe(float[] row, long position) {
    if (twice) {
      twice = false;
      var _ = model.observe(row, position);
    }
    StepReport report = model.observe(row, position);
    ledger.learned(position, report.version());
    if (spec.goal().reached(report.version() - firstVersion, position + 1)) {
      goalReached.run();
    }
    return report;
  }

  @Override
  public ModelSnapshot snapshot() {
    return model.snapshot();
  }

  @Override
  public void warmUp() {
    if (spec.pace().warm()) {
      model.warmUp();
    }
  }

  @Override
  public void save(StateOutput out) throws IOException {
    model.save(out);
  }

  @Override
  public void rollBack(DataInput state) throws IOException {
    model.rollBack(state);
  }

  @Override
  public String stateHash() {
    return model.stateHash();
  }

  @Override
  public void close() {
    model.close();
  }
}
