package dev.nagare.nn.loss;

import dev.nagare.autograd.Node;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * Mean over rows of {@code -ln softmax(logits)[label]}, in nats.
 *
 * <p>Shapes: logits {@code [.., C]}, labels {@code [..]} of class numbers from 0 to C - 1 {@code ->
 * []}. Dtypes: all; sums and exponentials are taken in f64, in order, less the largest logit, so
 * that none overflows. Gradient: to the logits, {@code (softmax - one-hot) / rows}; none to the
 * labels. Safe for any thread. Source: {@code torch.nn.CrossEntropyLoss}.
 */
public final class SoftmaxCrossEntropy {
  private static final Shape SCALAR = Shape.of();

  /** Creates the loss. */
  public SoftmaxCrossEntropy() {}

  /** The mean loss. */
  public Variable forward(Variable logits, Variable labels) {
    Tape tape = Tape.of("cross entropy", logits, labels);
    Tensor x = logits.value();
    long classes = x.shape().rank() == 0 ? 0 : x.dim(-1);
    long rows = labels.value().elements();
    if (classes < 1 || rows < 1 || x.elements() != rows * classes) {
      throw TensorException.mismatch(
          "cross entropy: expected logits [.., C] and a label for each row, got "
              + logits
              + " and "
              + labels);
    }
    Tensor slopes = tape.scope().empty(x.dtype(), x.shape());
    double sum = 0;
    for (long r = 0; r < rows; r++) {
      sum += row(x, slopes, r * classes, classes, label(labels.value(), r, classes), rows);
    }
    Tensor out = tape.scope().empty(x.dtype(), SCALAR);
    out.set(0, sum / rows);
    return tape.record(new Slopes(logits, slopes), out);
  }

  private static long label(Tensor labels, long row, long classes) {
    double label = labels.get(row);
    if (!(label >= 0 && label < classes && label == Math.rint(label))) {
      throw TensorException.mismatch(
          "cross entropy: label of row " + row + " is no class of " + classes + ": " + label);
    }
    return (long) label;
  }

  /** The loss of one row; its slopes are divided by the number of rows. */
  private static double row(
      Tensor x, Tensor slopes, long first, long classes, long label, long rows) {
    double largest = Double.NEGATIVE_INFINITY;
    for (long c = 0; c < classes; c++) {
      largest = Math.max(largest, x.get(first + c));
    }
    double sum = 0;
    for (long c = 0; c < classes; c++) {
      sum += StrictMath.exp(x.get(first + c) - largest);
    }
    for (long c = 0; c < classes; c++) {
      double probability = StrictMath.exp(x.get(first + c) - largest) / sum;
      slopes.set(first + c, (probability - (c == label ? 1 : 0)) / rows);
    }
    return StrictMath.log(sum) - (x.get(first + label) - largest);
  }

  private static final class Slopes extends Node {
    private final Tensor slopes;

    Slopes(Variable logits, Tensor slopes) {
      super("cross entropy", logits);
      this.slopes = slopes;
    }

    @Override
    protected void backward(Tape tape, Tensor gradient) {
      tape.kernels().axpy(gradient.get(0), slopes, gradientOf(tape, input(0)));
    }
  }
}
