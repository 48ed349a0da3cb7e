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

/**
 * Predicts classes as {@link OnlineClassifier} does, and learns from examples that came back with
 * their label: each holds the window that was asked about and the prediction that was made then.
 *
 * <p>Nothing is predicted while learning: what is scored is the prediction of that time. Labels
 * come in any order, so no example leans on the one before it; a window's rows whose label was not
 * known when it was asked about do not count in the loss.
 */
public final class OnlineExampleClassifier extends OnlineLstm implements Examples {
  private static final SoftmaxCrossEntropy CROSS_ENTROPY =
      new SoftmaxCrossEntropy(
          SoftmaxCrossEntropy.Options.DEFAULT.withIgnoreIndex((long) Signature.NO_LABEL));

  private final ClassEncoding encoding;
  private final ClassCounts counts;
  private final int values;
  private final int steps;
  private final int label;
  private final float[] newest;

  private final Tensor raw;
  private final Tensor inputs;
  private final Tensor base;
  private final Tensor labels;
  private final Tensor newestLabels;

  OnlineExampleClassifier(
      OnlineConfig config, OnlineConfig.Task.ClassifyExamples task, Compute compute) {
    this(config, new ClassEncoding(config.features(), task.classes()), compute);
  }

  private OnlineExampleClassifier(OnlineConfig config, ClassEncoding encoding, Compute compute) {
    super(config, encoding, compute, OnlineClassifier.scores(config));
    this.encoding = encoding;
    this.counts = new ClassCounts(encoding.classes());
    this.values = signature().values();
    this.steps = config.network().window();
    this.label = steps * values;
    this.newest = new float[values];
    int rows = config.training().batch() / config.training().shards();
    this.raw = memory.zeros(DType.F32, Shape.of(rows, steps, values));
    this.inputs = memory.zeros(DType.F32, Shape.of(rows, steps, encoding.inputs()));
    this.base = memory.zeros(DType.F32, Shape.of(rows, steps, encoding.classes()));
    this.labels = memory.zeros(DType.F32, Shape.of(rows, steps));
    this.newestLabels = memory.zeros(DType.F32, Shape.of(rows, 1));
  }

  @Override
  void requireLabel(float[] row) {
    OnlineClassifier.requireClass(row[label], encoding.classes());
  }

  @Override
  void take(float[] row, long position) {
    for (int t = 0; t < steps; t++) {
      System.arraycopy(row, t * values, newest, 0, values);
      history.add(newest);
    }
    int previous = (int) newest[values - 1];
    System.arraycopy(row, label + 1, report.prediction, 0, encoding.classes());
    System.arraycopy(row, label + 1, report.scoredPrediction, 0, encoding.classes());
    report.predicting = true;
    report.scored = true;
    counts.score(report.prediction, row[label], previous, scores);
    scale.add(newest, history);
    counts.count(row[label], previous, live.change());
    learn(row, position, this);
  }

  @Override
  public int newest() {
    return 1; // the last row of each window: the one that the label is about
  }

  @Override
  public Tensor inputs(int shard) {
    int rows = (int) raw.dim(0);
    for (int r = 0; r < rows; r++) {
      float[] example = batch.row(shard * rows + r);
      raw.narrow(r, 1).copyFrom(example, 0);
      for (int t = 0; t < steps; t++) {
        // The label of a row stands in the row after it.
        float own = t == steps - 1 ? example[label] : example[(t + 2) * values - 1];
        labels.set((long) r * steps + t, own);
      }
      newestLabels.set(r, example[label]);
    }
    encoding.encode(live, raw, inputs);
    encoding.base(live, raw, base);
    return inputs;
  }

  @Override
  public Variable loss(Tape tape, Variable outputs, int rows) {
    Variable all = outputs.add(tape.constant(base));
    return rows == steps
        ? CROSS_ENTROPY.forward(all, tape.constant(labels))
        : CROSS_ENTROPY.forward(all.lastSteps(rows), tape.constant(newestLabels));
  }

  @Override
  void saveTask(DataOutput out) throws IOException {
    counts.save(out, live.change());
  }

  @Override
  void loadTask(DataInput in) throws IOException {
    counts.load(in, live.change());
  }
}
