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
  private final double[] right = new double[3];

  /** How often each class came. */
  private final double[] seen;

  private double stayed;
  private double moved;
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
    super(
        config,
        encoding,
        compute,
        new PrequentialScores(
            PrequentialScores.Measure.ACCURACY,
            List.of("model", "no-change", "majority"),
            1,
            config.scoreWindow()));
    this.encoding = encoding;
    this.classes = encoding.classes();
    this.values = new float[config.features() + 1];
    this.seen = new double[classes];
    this.newest = config.training().batch() / config.training().shards();
    int steps = config.network().window() - 1 + newest;
    this.raw = memory.zeros(DType.F32, Shape.of(1, steps, values.length));
    this.inputs = memory.zeros(DType.F32, Shape.of(1, steps, encoding.inputs()));
    this.base = memory.zeros(DType.F32, Shape.of(1, steps, classes));
    this.labels = memory.zeros(DType.F32, Shape.of(steps));
  }

  @Override
  void requireLabel(float[] row) {
    float value = row[config.features()];
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
      score((int) previous);
    }
    scale.add(row, history);
    count((int) previous);
    if (isFull()) {
      learn(row, position, this);
    }
  }

  private void score(int previous) {
    int majority = 0;
    int said = 0;
    for (int c = 1; c < classes; c++) {
      majority = seen[c] > seen[majority] ? c : majority;
      said = report.prediction[c] > report.prediction[said] ? c : said;
    }
    right[0] = said == label ? 1 : 0;
    right[1] = previous == label ? 1 : 0;
    right[2] = majority == label ? 1 : 0;
    scores.add(right);
  }

  private void count(int previous) {
    seen[(int) label]++;
    if (previous >= 0) {
      double keep = 1 - 1 / RunningScale.MEMORY;
      stayed = stayed * keep + (previous == label ? 1 : 0);
      moved = moved * keep + (previous == label ? 0 : 1);
    }
    // One of each, so that neither is impossible.
    live.change().set(0, StrictMath.log((stayed + 1) * (classes - 1) / (moved + 1)));
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
    out.writeDouble(stayed);
    out.writeDouble(moved);
    out.writeDouble(live.change().get(0));
    for (double count : seen) {
      out.writeDouble(count);
    }
  }

  @Override
  void loadTask(DataInput in) throws IOException {
    label = in.readFloat();
    stayed = in.readDouble();
    moved = in.readDouble();
    live.change().set(0, in.readDouble());
    for (int c = 0; c < classes; c++) {
      seen[c] = in.readDouble();
    }
  }
}
