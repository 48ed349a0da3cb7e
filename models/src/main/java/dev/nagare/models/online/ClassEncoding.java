package dev.nagare.models.online;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.List;

/**
 * Inputs are the normalised features and the label of the row before, one-hot; outputs are logits,
 * to which the log-odds of "the label stays" are added at the previous label. A network that says 0
 * repeats the label, as sure of it as the stream has shown.
 */
record ClassEncoding(int features, int classes) implements Encoding {

  @Override
  public int[] lags() {
    return new int[0];
  }

  @Override
  public Scales scales(RunningScale scale, Memory memory) {
    return new Scales(scale.mean, scale.spread, memory.zeros(DType.F64, Shape.of(1)));
  }

  @Override
  public Signature signature(int windowRows) {
    return new Signature(windowRows, features + 1, "probabilities", List.of(classes));
  }

  @Override
  public int inputs() {
    return features + classes;
  }

  @Override
  public int outputs() {
    return classes;
  }

  @Override
  public void encode(Scales scales, Tensor rows, Tensor inputs) {
    scales.normalise(rows, inputs);
    long count = rows.elements() / (features + 1);
    for (long r = 0; r < count; r++) {
      oneHot(rows.get(r * (features + 1) + features), inputs, r * inputs() + features, 1);
    }
  }

  private void oneHot(double label, Tensor to, long at, double value) {
    for (int c = 0; c < classes; c++) {
      to.set(at + c, c == label ? value : 0);
    }
  }

  /** What the logits of rows {@code [.., values]} begin from, {@code [.., classes]}. */
  void base(Scales scales, Tensor rows, Tensor logits) {
    long count = rows.elements() / (features + 1);
    for (long r = 0; r < count; r++) {
      double previous = rows.get(r * (features + 1) + features);
      oneHot(previous, logits, r * classes, scales.change().get(0));
    }
  }

  @Override
  public void decode(Scales scales, Tensor windows, Tensor outputs, Tensor answers) {
    long steps = windows.dim(1);
    for (long r = 0; r < windows.dim(0); r++) {
      double previous = windows.get((r + 1) * steps * (features + 1) - 1);
      double largest = Double.NEGATIVE_INFINITY;
      for (int c = 0; c < classes; c++) {
        double logit = outputs.get(r * classes + c) + (c == previous ? scales.change().get(0) : 0);
        answers.set(r * classes + c, logit);
        largest = Math.max(largest, logit);
      }
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += StrictMath.exp(answers.get(r * classes + c) - largest);
      }
      for (int c = 0; c < classes; c++) {
        long at = r * classes + c;
        answers.set(at, StrictMath.exp(answers.get(at) - largest) / sum);
      }
    }
  }
}
