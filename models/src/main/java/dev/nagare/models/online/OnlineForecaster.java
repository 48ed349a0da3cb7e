package dev.nagare.models.online;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.io.TensorBytes;
import dev.nagare.nn.Parameter;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.init.CounterRandom;
import dev.nagare.nn.loss.HuberLoss;
import dev.nagare.optim.Adam;
import dev.nagare.optim.ClipNorm;
import dev.nagare.optim.schedule.Cosine;
import dev.nagare.optim.schedule.LearningRate;
import dev.nagare.optim.schedule.LinearWarmUp;
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
 * An LSTM that forecasts the next row of a stream and learns from each row as it comes.
 *
 * <p>One row: it is scored against the forecast that was made for it; the scales take it in; the
 * network takes one Adam step on the window before it, whose every row has its successor as label,
 * the newest counting as much as all together; then the next row is forecast from the new window.
 * The first {@code window} rows only fill the window.
 *
 * <p>Version 0 repeats the last row, whatever the scales. After that the version counts the rows
 * that were learned from. A step whose loss or gradient is not finite changes no weight; it is
 * counted in {@link #skippedSteps()} and in the version, since the scales have moved on. Finite
 * rows of any size lead to finite values everywhere: inputs and labels have a limited reach.
 */
public final class OnlineForecaster implements OnlineModel {
  private static final int MAGIC = 0x4e47_4f46;
  private static final int FORMAT = 1;

  /** An error counts at most so many scales: a single absurd value must not hide all others. */
  private static final double LARGEST_ERROR = 100;

  private static final int WARM_UP_ROWS = 600;
  private static final int WARM_UP_BATCH = 16;

  private final ForecasterConfig config;
  private final Compute compute;
  private final LearningRate schedule;
  private final ClipNorm clip;
  private final HuberLoss huber;

  private final ProcessMemory memory = new ProcessMemory("online forecaster");
  private final Scope scope = new Scope(1 << 20);
  private final Tape tape;
  private final LstmNetwork network;
  private final List<Parameter> parameters;
  private final Adam adam;
  private final RunningScale scale;
  private final ForecastPath path;

  /** The last rows, oldest first: a raw window as a caller would send it. */
  private final Tensor window;

  private final Tensor forecast;
  private final Tensor inputs;
  private final Tensor labels;
  private final Tensor newestLabel;
  private final Baselines baselines;
  private final PrequentialScores scores;
  private final StepReport report;
  private final double[] errors = new double[PrequentialScores.NAMES.size()];

  private long rows;
  private long version;
  private long skipped;
  private Optional<String> foreignKernelId = Optional.empty();

  OnlineForecaster(ForecasterConfig config, Compute compute, PrequentialScores scores) {
    this.config = config;
    this.compute = compute;
    this.schedule =
        new LinearWarmUp(
            config.warmUpSteps(),
            new Cosine(config.learningRate(), config.finalLearningRate(), config.decaySteps()));
    this.clip = new ClipNorm(config.clipNorm());
    this.huber = new HuberLoss(config.huberDelta());
    this.tape = new Tape(compute.learning(), scope);
    var factory = new ParameterFactory(memory, DType.F32, config.seed());
    this.network = new LstmNetwork(factory, config.features(), config.hidden());
    this.parameters = network.parameters();
    this.adam = new Adam(compute.learning(), parameters, memory);
    this.scale = new RunningScale(memory, config.features());
    this.path = network.path(scale);
    Shape one = Shape.of(1, config.window(), config.features());
    this.window = memory.zeros(DType.F32, one);
    this.inputs = memory.zeros(DType.F32, one);
    this.labels = memory.zeros(DType.F32, one);
    this.newestLabel =
        labels.reshape(config.window(), config.features()).narrow(config.window() - 1, 1);
    this.forecast = memory.zeros(DType.F32, Shape.of(1, config.features()));
    this.baselines = new Baselines(config.features());
    this.scores = scores;
    this.report = new StepReport(config.features(), scores);
  }

  /** A fresh model, version 0. */
  public static OnlineForecaster create(ForecasterConfig config, Compute compute) {
    return new OnlineForecaster(config, compute, new PrequentialScores(config.scoreWindow()));
  }

  /**
   * The model that {@link #save} wrote. It goes on with the same bits if the kernels are the same;
   * if not, it goes on, and {@link #foreignKernelId()} tells.
   *
   * @throws IllegalArgumentException if it was written with another configuration; the message
   *     names every difference
   * @throws IOException if it is damaged or of a format that this version does not know
   */
  public static OnlineForecaster load(DataInput in, ForecasterConfig config, Compute compute)
      throws IOException {
    if (in.readInt() != MAGIC) {
      throw new IOException("forecaster: this is not a forecaster's checkpoint");
    }
    int format = in.readInt();
    if (format != FORMAT) {
      throw new IOException(
          "forecaster: checkpoint has format " + format + ", this version reads " + FORMAT);
    }
    ForecasterConfig.load(in).requireSame(config);
    String kernelId = in.readUTF();
    var model = new OnlineForecaster(config, compute, PrequentialScores.load(in));
    try {
      model.loadState(in);
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
    if (!kernelId.equals(compute.kernelId())) {
      model.foreignKernelId = Optional.of(kernelId);
    }
    return model;
  }

  @Override
  public int width() {
    return config.features();
  }

  @Override
  public Signature signature() {
    return new Signature(
        config.window(), config.features(), "forecast", List.of((long) config.features()));
  }

  @Override
  public long version() {
    return version;
  }

  /** The running scores; a view of the live ones. */
  public PrequentialScores scores() {
    return scores;
  }

  /** Steps that were not taken since their loss or gradient was not finite. */
  public long skippedSteps() {
    return skipped;
  }

  @Override
  public String kernelId() {
    return compute.kernelId();
  }

  /** The kernels that wrote the checkpoint, if they were others: the bits may differ from there. */
  public Optional<String> foreignKernelId() {
    return foreignKernelId;
  }

  @Override
  public StepReport observe(float[] row, long position) {
    requireRow(row);
    boolean full = rows >= config.window();
    scale.add(row);
    report.scored = full;
    if (full) {
      score(row);
    }
    report.learned = full && learn(row);
    push(row);
    baselines.add(row);
    report.predicting = rows >= config.window();
    if (report.predicting) {
      forecastNext();
    }
    report.version = version;
    return report;
  }

  private void requireRow(float[] row) {
    if (row.length != config.features()) {
      throw new IllegalArgumentException(
          "observe: expected " + config.features() + " values, got " + row.length);
    }
    for (int f = 0; f < row.length; f++) {
      if (!Float.isFinite(row[f])) {
        throw new IllegalArgumentException(
            "observe: value " + f + " must be finite, got " + row[f]);
      }
    }
  }

  private void score(float[] row) {
    forecast.copyTo(report.scoredPrediction, 0);
    errors[0] = error(report.scoredPrediction, row);
    for (int b = 0; b < baselines.forecasts.length; b++) {
      errors[1 + b] = error(baselines.forecasts[b], row);
    }
    scores.add(errors);
  }

  private double error(float[] guess, float[] row) {
    double sum = 0;
    for (int f = 0; f < row.length; f++) {
      double unit = scale.spread.get(f);
      if (unit > 0) {
        sum += Math.min(Math.abs((double) guess[f] - row[f]) / unit, LARGEST_ERROR);
      }
    }
    return sum / row.length;
  }

  private boolean learn(float[] row) {
    path.normalise(window, inputs);
    label(row);
    double rate = schedule.at(version);
    version++;
    Variable out = network.forward(tape.constant(inputs));
    Variable newest = huber.forward(out.lastStep(), tape.constant(newestLabel));
    Variable loss = newest.add(huber.forward(out, tape.constant(labels)));
    loss.backward();
    double norm = ClipNorm.norm(compute.learning(), parameters);
    double value = newest.item();
    report.loss = (float) value;
    report.gradientNorm = (float) norm;
    report.learningRate = (float) rate;
    tape.reset();
    if (!Double.isFinite(value) || !Double.isFinite(norm)) {
      adam.zeroGradients();
      skipped++;
      return false;
    }
    adam.step(rate, clip.scale(norm));
    return true;
  }

  /** What each row of the window should have led to: the change to its successor. */
  private void label(float[] row) {
    int features = row.length;
    int elements = config.window() * features;
    for (int f = 0; f < features; f++) {
      double unit = scale.change.get(f);
      for (int i = f; i < elements; i += features) {
        double next = i + features < elements ? window.get(i + features) : row[f];
        labels.set(i, ForecastPath.limited(next - window.get(i), unit));
      }
    }
  }

  private void push(float[] row) {
    int kept = (config.window() - 1) * row.length;
    for (int i = 0; i < kept; i++) {
      window.set(i, window.get(i + row.length));
    }
    for (int f = 0; f < row.length; f++) {
      window.set(kept + f, row[f]);
    }
    rows++;
  }

  private void forecastNext() {
    path.forecast(compute.serving(), window, forecast, scope);
    scope.reset();
    forecast.copyTo(report.prediction, 0);
  }

  @Override
  public ModelSnapshot snapshot() {
    return new ForecasterSnapshot(version, config, compute, path);
  }

  @Override
  public void warmUp() {
    // A twin does the work: nothing of this model can change.
    try (var twin = create(config, compute)) {
      float[] row = new float[config.features()];
      for (int i = 0; i < WARM_UP_ROWS; i++) {
        var random = new CounterRandom(0, i, 0);
        for (int f = 0; f < row.length; f++) {
          row[f] = (float) random.uniform(f);
        }
        twin.observe(row, i);
      }
      Tensor windows =
          twin.memory.zeros(DType.F32, Shape.of(WARM_UP_BATCH, config.window(), config.features()));
      Tensor answers = twin.memory.zeros(DType.F32, Shape.of(WARM_UP_BATCH, config.features()));
      for (int i = 0; i < WARM_UP_ROWS / WARM_UP_BATCH; i++) {
        twin.path.forecast(compute.serving(), windows, answers, twin.scope);
        twin.scope.reset();
      }
    }
  }

  @Override
  public void save(DataOutput out) throws IOException {
    out.writeInt(MAGIC);
    out.writeInt(FORMAT);
    config.save(out);
    out.writeUTF(compute.kernelId());
    scores.save(out);
    out.writeLong(rows);
    out.writeLong(version);
    out.writeLong(skipped);
    for (Parameter parameter : parameters) {
      TensorBytes.write(parameter.value(), out);
    }
    adam.save(out);
    scale.save(out);
    baselines.save(out);
    TensorBytes.write(window, out);
    TensorBytes.write(forecast, out);
  }

  private void loadState(DataInput in) throws IOException {
    rows = in.readLong();
    version = in.readLong();
    skipped = in.readLong();
    for (Parameter parameter : parameters) {
      TensorBytes.read(parameter.value(), in);
    }
    adam.load(in);
    scale.load(in);
    baselines.load(in);
    TensorBytes.read(window, in);
    TensorBytes.read(forecast, in);
  }

  @Override
  public String stateHash() {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      var sink = new DigestOutputStream(OutputStream.nullOutputStream(), digest);
      try (var out = new DataOutputStream(new BufferedOutputStream(sink, 1 << 14))) {
        save(out);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this JDK", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a digest does not fail to be written to
    }
  }

  @Override
  public void close() {
    scope.close();
    memory.close();
  }
}
