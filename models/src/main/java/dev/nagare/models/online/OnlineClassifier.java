package dev.nagare.models.online;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.loss.SoftmaxCrossEntropy;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.List;

/**
 * Predicts the class of each row from the rows up to it and the labels before it.
 *
 * <p>One row: its class is predicted from the window that ends with its features and the label of
 * the row before; that is scored against its label; then scales and network learn from it. The
 * first rows only fill the window.
 *
 * <p>Version 0 knows nothing and says so: every class is as likely.
 */
public final class OnlineClassifier extends OnlineLstm implements Examples {
  private static final SoftmaxCrossEntropy CROSS_ENTROPY = new SoftmaxCrossEntropy();

  private final ClassEncoding encoding;
  private final int classes;
  private final float[] values;
  private final ClassCounts counts;
  private float label = Signature.NO_LABEL;

  private final int newest;
  private final Tensor raw;
  private final Tensor inputs;
  private final Tensor base;
  private final Tensor labels;

  OnlineClassifier(OnlineConfig config, OnlineConfig.Task.Classify task, Compute compute) {
    this(config, new ClassEncoding(config.features(), task.classes()), compute);
  }

  private OnlineClassifier(OnlineConfig config, ClassEncoding encoding, Compute compute) {
    super(config, encoding, compute, scores(config));
    this.encoding = encoding;
    this.classes = encoding.classes();
    this.values = new float[config.features() + 1];
    this.counts = new ClassCounts(classes);
    this.newest = config.training().batch() / config.training().shards();
    int steps = config.network().window() - 1 + newest;
    this.raw = memory.zeros(DType.F32, Shape.of(1, steps, values.length));
    this.inputs = memory.zeros(DType.F32, Shape.of(1, steps, encoding.inputs()));
    this.base = memory.zeros(DType.F32, Shape.of(1, steps, classes));
    this.labels = memory.zeros(DType.F32, Shape.of(steps));
  }

  static PrequentialScores scores(OnlineConfig config) {
    return new PrequentialScores(
        PrequentialScores.Measure.ACCURACY,
        List.of("model", "no-change", "majority"),
        1,
        config.scoreWindow());
  }

  @Override
  void requireLabel(float[] row) {
    requireClass(row[config.features()], classes);
  }

  /** Refuses a label that is no class. */
  static void requireClass(float value, int classes) {
    if (!(value >= 0 && value < classes && value == Math.rint(value))) {
      throw new IllegalArgumentException(
          "observe: the label must be a whole number from 0 to "
              + (classes - 1)
              + ", got "
              + value);
    }
  }

  @Override
  void take(float[] row, long position) {
    float previous = label;
    label = row[config.features()];
    System.arraycopy(row, 0, values, 0, config.features());
    values[config.features()] = previous;
    history.add(values);
    report.predicting = isFull();
    report.scored = report.predicting;
    if (report.scored) {
      predict();
      System.arraycopy(report.prediction, 0, report.scoredPrediction, 0, classes);
      counts.score(report.prediction, label, (int) previous, scores);
    }
    scale.add(row, history);
    counts.count(label, (int) previous, live.change());
    if (isFull()) {
      learn(row, position, this);
    }
  }

  @Override
  public int newest() {
    return newest;
  }

  @Override
  public Tensor inputs(int shard) {
    int back = (config.training().shards() - 1 - shard) * newest;
    history.copyTo(raw, back);
    encoding.encode(live, raw, inputs);
    encoding.base(live, raw, base);
    int steps = (int) labels.elements();
    for (int t = 0; t < steps; t++) {
      int row = back + steps - 1 - t;
      labels.set(t, row == 0 ? label : history.get(row - 1, config.features()));
    }
    return inputs;
  }

  @Override
  public Variable loss(Tape tape, Variable outputs, int rows) {
    int steps = (int) labels.elements();
    Variable all = outputs.add(tape.constant(base));
    return CROSS_ENTROPY.forward(
        rows == steps ? all : all.lastSteps(rows),
        tape.constant(labels.narrow(steps - rows, rows)));
  }

  @Override
  void saveTask(DataOutput out) throws IOException {
    out.writeFloat(label);
    counts.save(out, live.change());
  }

  @Override
  void loadTask(DataInput in) throws IOException {
    label = in.readFloat();
    counts.load(in, live.change());
  }
}
