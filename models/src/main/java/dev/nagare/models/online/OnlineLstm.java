package dev.nagare.models.online;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.BufferedOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * An LSTM that learns from each row as it comes: what forecaster and classifier have in common.
 *
 * <p>A prediction looks back on a window of rows, from a zero state, through the code that
 * snapshots run: a snapshot of this version answers the same window with the same bits. Between two
 * steps neither weights nor the scales that predictions use change.
 *
 * <p>Finite rows of any size lead to finite values everywhere: inputs and labels have a limited
 * reach.
 */
public abstract sealed class OnlineLstm implements OnlineModel
    permits OnlineForecaster, OnlineClassifier, OnlineExampleClassifier {
  private static final int WARM_UP_ROWS = 600;
  private static final int WARM_UP_BATCH = 16;
  private static final int WARM_UP_STEPS = 8;

  /**
   * Multiply-adds in the windows of a warm-up. Loops of a large model are compiled after few rows,
   * and all {@link #WARM_UP_ROWS} of a million weights took 7 s of a restart (2-core AMD EPYC,
   * 2026-11-25).
   */
  private static final long WARM_UP_WORK = 400_000_000;

  final OnlineConfig config;
  final RowHistory history;
  final Batch batch;
  final LstmLearner learner;
  final StepReport report;
  final PrequentialScores scores;
  final ProcessMemory memory = new ProcessMemory("online model");

  /** The scales that move with each row. */
  final RunningScale scale;

  final Scales live;

  /** The scales that predictions use: the live ones as they were at the last step. */
  final Scales frozen;

  private final Compute compute;
  private final Encoding encoding;
  private final Signature signature;
  private final Scope scope = new Scope(1 << 20);
  private final LstmPath path;
  private final Tensor window;
  private final Tensor answer;
  private Optional<String> foreignKernelId = Optional.empty();

  OnlineLstm(OnlineConfig config, Encoding encoding, Compute compute, PrequentialScores scores) {
    this.config = config;
    this.encoding = encoding;
    this.compute = compute;
    this.scores = scores;
    this.signature = encoding.signature(config.network().window());
    this.learner = new LstmLearner(config, encoding, compute, memory, scope);
    this.path = learner.path();
    this.scale = new RunningScale(memory, config.features(), encoding.lags());
    this.live = encoding.scales(scale, memory);
    this.frozen = live.copyTo(memory);
    this.history = new RowHistory(historyRows(config), signature.values());
    this.batch = new Batch(config.training().batch(), width());
    this.window = memory.zeros(DType.F32, Shape.of(1, signature.windowRows(), signature.values()));
    this.answer = memory.zeros(DType.F32, Shape.of(1, signature.outputElements()));
    this.report =
        new StepReport(signature.outputElements(), width(), config.training().batch(), scores);
  }

  private static int historyRows(OnlineConfig config) {
    int sequence = config.network().window() + config.training().batch() - 1;
    return switch (config.task()) {
      case OnlineConfig.Task.Forecast task -> sequence + task.horizon() + task.season() - 1;
      case OnlineConfig.Task.Classify _ -> sequence;
      case OnlineConfig.Task.ClassifyExamples _ -> config.network().window();
    };
  }

  /** A fresh model, version 0. */
  public static OnlineLstm create(OnlineConfig config, Compute compute) {
    return switch (config.task()) {
      case OnlineConfig.Task.Forecast task -> new OnlineForecaster(config, task, compute);
      case OnlineConfig.Task.Classify task -> new OnlineClassifier(config, task, compute);
      case OnlineConfig.Task.ClassifyExamples task ->
          new OnlineExampleClassifier(config, task, compute);
    };
  }

  /**
   * The model that {@link #save} wrote. It goes on with the same bits if the kernels are the same;
   * if not, it goes on, and {@link #foreignKernelId()} tells.
   *
   * @throws IllegalArgumentException if it was written with another configuration; the message
   *     names every difference
   * @throws IOException if it is damaged or of a format that this version does not know
   */
  public static OnlineLstm load(DataInput in, OnlineConfig config, Compute compute)
      throws IOException {
    var state = new StateInput(in);
    state.section("config", config::requireSame);
    OnlineLstm model = create(config, compute);
    try {
      model.load(state);
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
    return model;
  }

  @Override
  public final int width() {
    return switch (config.task()) {
      case OnlineConfig.Task.Forecast _ -> config.features();
      case OnlineConfig.Task.Classify _ -> config.features() + 1;
      case OnlineConfig.Task.ClassifyExamples task ->
          config.network().window() * (config.features() + 1) + 1 + task.classes();
    };
  }

  @Override
  public final Signature signature() {
    return signature;
  }

  @Override
  public final long version() {
    return learner.version();
  }

  @Override
  public final String kernelId() {
    return compute.kernelId();
  }

  /** The kernels that wrote the state, if they were others: the bits may differ from there. */
  public final Optional<String> foreignKernelId() {
    return foreignKernelId;
  }

  /** The running scores; a view of the live ones. */
  public final PrequentialScores scores() {
    return scores;
  }

  @Override
  public final StepReport observe(float[] row, long position) {
    requireRow(row);
    report.guard = null;
    report.learned = false;
    take(row, position);
    report.version = learner.version();
    return report;
  }

  private void requireRow(float[] row) {
    if (row.length != width()) {
      throw new IllegalArgumentException(
          "observe: expected " + width() + " values, got " + row.length);
    }
    for (int f = 0; f < row.length; f++) {
      if (!Float.isFinite(row[f])) {
        throw new IllegalArgumentException(
            "observe: value " + f + " must be finite, got " + row[f]);
      }
    }
    requireLabel(row);
  }

  /** Refuses a row whose label is no class. */
  void requireLabel(float[] row) {}

  /** Predicts, scores, learns. */
  abstract void take(float[] row, long position);

  /** Adds a row to the batch, and steps if it is full. */
  final void learn(float[] row, long position, Examples examples) {
    if (batch.add(row, position)) {
      frozen.copyFrom(live);
      learner.step(examples, scores, report);
      if (report.guard != null) {
        batch.quarantine(report);
      }
      batch.clear();
    }
  }

  /** Whether the window is full. */
  final boolean isFull() {
    return history.count() >= config.network().window();
  }

  /** Answers the newest window. */
  final void predict() {
    history.copyTo(window, 0);
    encoding.answer(compute.serving(), path, frozen, window, answer, scope);
    scope.reset();
    answer.copyTo(report.prediction, 0);
    report.predictionVersion = learner.version();
  }

  @Override
  public final ModelSnapshot snapshot() {
    return new LstmSnapshot(learner.version(), signature, encoding, compute, path, frozen);
  }

  @Override
  public final void warmUp() {
    // A twin does the work: nothing of this model can change.
    try (OnlineLstm twin = create(config, compute)) {
      float[] row = new float[width()];
      int rows = warmUpRows();
      for (int i = 0; i < rows; i++) {
        var random = new CounterRandom(0, i, 0);
        for (int f = 0; f < row.length; f++) {
          row[f] = isLabel(f) ? i % 2 : (float) random.uniform(f);
        }
        twin.observe(row, i);
      }
      twin.warmUpServing(Math.max(2, rows / WARM_UP_BATCH));
    }
  }

  private boolean isLabel(int index) {
    int features = config.features();
    return switch (config.task()) {
      case OnlineConfig.Task.Forecast _ -> false;
      case OnlineConfig.Task.Classify _ -> index == features;
      case OnlineConfig.Task.ClassifyExamples _ -> {
        int window = config.network().window() * (features + 1);
        yield index < window ? index % (features + 1) == features : index == window;
      }
    };
  }

  private int warmUpRows() {
    int fewest = historyRows(config) + WARM_UP_STEPS * config.training().batch();
    long window = learner.weights() * config.network().window();
    return (int) Math.max(fewest, Math.min(WARM_UP_ROWS, WARM_UP_WORK / window));
  }

  private void warmUpServing(int batches) {
    Shape shape = Shape.of(WARM_UP_BATCH, signature.windowRows(), signature.values());
    Tensor windows = memory.zeros(DType.F32, shape);
    Tensor answers = memory.zeros(DType.F32, Shape.of(WARM_UP_BATCH, signature.outputElements()));
    for (int i = 0; i < batches; i++) {
      encoding.answer(compute.serving(), path, frozen, windows, answers, scope);
      scope.reset();
    }
  }

  @Override
  public final void save(StateOutput out) throws IOException {
    out.section("config", config::save);
    out.section("kernel", section -> section.writeUTF(compute.kernelId()));
    out.section("scores", scores::save);
    learner.save(out);
    out.section(
        "scale",
        section -> {
          scale.save(section);
          StateTensors.write(List.of(frozen.mean(), frozen.spread(), frozen.change()), section);
        });
    out.section("window", history::save);
    out.section("batch", batch::save);
    out.section("task", this::saveTask);
    out.end();
  }

  private void load(StateInput in) throws IOException {
    in.section(
        "kernel",
        section -> {
          String writer = section.readUTF();
          if (!writer.equals(compute.kernelId())) {
            foreignKernelId = Optional.of(writer);
          }
        });
    in.section("scores", scores::load);
    learner.load(in);
    in.section(
        "scale",
        section -> {
          scale.load(section);
          StateTensors.read(List.of(frozen.mean(), frozen.spread(), frozen.change()), section);
        });
    in.section("window", history::load);
    in.section("batch", batch::load);
    in.section("task", this::loadTask);
  }

  /** Writes what the task keeps between rows besides rows, scales and scores. */
  abstract void saveTask(DataOutput out) throws IOException;

  abstract void loadTask(DataInput in) throws IOException;

  @Override
  public final void rollBack(DataInput state) throws IOException {
    try (OnlineLstm saved = load(state, config, compute)) {
      learner.rollBack(saved.learner);
      frozen.copyFrom(saved.frozen);
    }
  }

  @Override
  public final String stateHash() {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      var sink = new DigestOutputStream(OutputStream.nullOutputStream(), digest);
      try (var out = new DataOutputStream(new BufferedOutputStream(sink, 1 << 14))) {
        save(new StateOutput(out));
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this JDK", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a digest does not fail to be written to
    }
  }

  @Override
  public final void close() {
    scope.close();
    memory.close();
  }
}
