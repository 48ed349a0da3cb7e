package dev.nagare.models.online;

import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Forecasts the last row plus the version's fraction, and "learns" every row from the first on: its
 * state is a fold over all rows, so that one row more, less or out of order is seen.
 */
public class RepeatLast implements OnlineModel {
  /** Leases of all snapshots that are not given back. */
  public static final AtomicInteger LEASES = new AtomicInteger();

  private final OnlineConfig config;
  private final StepReport report;
  private long version;
  private long fold;

  public RepeatLast(OnlineConfig config) {
    this.config = config;
    this.report =
        new StepReport(
            config.features(),
            config.features(),
            1,
            new PrequentialScores(
                PrequentialScores.Measure.MAE, List.of("model", "repeat-last"), 1, 3));
  }

  /** The model that {@link #save} wrote. */
  public static RepeatLast load(OnlineConfig config, DataInput in) throws IOException {
    var model = new RepeatLast(config);
    new StateInput(in)
        .section(
            "fold",
            section -> {
              model.version = section.readLong();
              model.fold = section.readLong();
            });
    return model;
  }

  @Override
  public int width() {
    return config.features();
  }

  @Override
  public Signature signature() {
    return Snapshot.signature(config.network().window(), config.features());
  }

  @Override
  public String kernelId() {
    return "none";
  }

  @Override
  public long version() {
    return version;
  }

  @Override
  public StepReport observe(float[] row, long position) {
    for (float value : row) {
      fold = fold * 31 + Float.floatToRawIntBits(value);
    }
    version++;
    report.version = version;
    report.predictionVersion = version;
    report.learned = true;
    report.scored = version > 1;
    report.predicting = true;
    System.arraycopy(report.prediction, 0, report.scoredPrediction, 0, row.length);
    System.arraycopy(row, 0, report.prediction, 0, row.length);
    return report;
  }

  @Override
  public ModelSnapshot snapshot() {
    return new Snapshot(version, config.network().window(), config.features());
  }

  @Override
  public void warmUp() {}

  @Override
  public void save(StateOutput out) throws IOException {
    out.section(
        "fold",
        section -> {
          section.writeLong(version);
          section.writeLong(fold);
        });
    out.end();
  }

  @Override
  public void rollBack(DataInput state) throws IOException {
    fold = load(config, state).fold;
    version++;
  }

  @Override
  public String stateHash() {
    try {
      var bytes = new ByteArrayOutputStream();
      save(new StateOutput(new DataOutputStream(bytes)));
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray()));
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {}

  /** A snapshot of any size; a window of NaN, which no door lets through, makes it fail. */
  public static final class Snapshot implements ModelSnapshot {
    private final long version;
    private final int window;
    private final int features;
    private final AtomicInteger leases = new AtomicInteger(1);

    /** Creates a snapshot with one lease. */
    public Snapshot(long version, int window, int features) {
      this.version = version;
      this.window = window;
      this.features = features;
      LEASES.incrementAndGet();
    }

    @Override
    public long version() {
      return version;
    }

    private static Signature signature(int window, int features) {
      return new Signature(window, features, "forecast", List.of(features));
    }

    @Override
    public Signature signature() {
      return signature(window, features);
    }

    @Override
    public void answer(Tensor windows, Tensor forecasts, Scope scope) {
      for (int row = 0; row < windows.dim(0); row++) {
        for (int f = 0; f < features; f++) {
          double last = windows.get(((long) row * window + window - 1) * features + f);
          if (last == Float.MAX_VALUE) {
            throw new IllegalStateException("a window that fails");
          }
          forecasts.set((long) row * features + f, last);
        }
      }
    }

    @Override
    public boolean retain() {
      for (int n = leases.get(); n > 0; n = leases.get()) {
        if (leases.compareAndSet(n, n + 1)) {
          LEASES.incrementAndGet();
          return true;
        }
      }
      return false;
    }

    @Override
    public void release() {
      if (leases.getAndDecrement() < 1) {
        throw new IllegalStateException("released too often");
      }
      LEASES.decrementAndGet();
    }
  }
}
