package dev.nagare.nn.loss;

import dev.nagare.autograd.Node;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/**
 * A loss that is the mean of a function of each difference {@code prediction - target}.
 *
 * <p>Shapes: {@code S, S -> []}. Dtypes: all; the sum is taken in f64, in order. Gradient: to
 * prediction and target. Instances are immutable and safe for any thread.
 */
public abstract sealed class Loss permits HuberLoss, MaeLoss, MseLoss, QuantileLoss {
  private static final Shape SCALAR = Shape.of();

  Loss() {}

  /** The mean loss. */
  public final Variable forward(Variable prediction, Variable target) {
    Tape tape = Tape.of("loss", prediction, target);
    Tensor p = prediction.value();
    Tensor t = target.value();
    if (p.dtype() != t.dtype() || !p.shape().equals(t.shape())) {
      throw TensorException.mismatch(
          "loss: expected a target like the prediction " + prediction + ", got " + target);
    }
    Tensor slopes = tape.scope().empty(p.dtype(), p.shape());
    double mean = 1.0 / p.elements();
    double sum = 0;
    for (long i = 0; i < p.elements(); i++) {
      double difference = p.get(i) - t.get(i);
      sum += value(difference);
      slopes.set(i, slope(difference) * mean);
    }
    Tensor out = tape.scope().empty(p.dtype(), SCALAR);
    out.set(0, sum * mean);
    return tape.record(new Differences(prediction, target, slopes), out);
  }

  /** The loss of one difference. */
  abstract double value(double difference);

  /** Its derivative. */
  abstract double slope(double difference);

  private static final class Differences extends Node {
    private final Tensor slopes;

    Differences(Variable prediction, Variable target, Tensor slopes) {
      super("loss", prediction, target);
      this.slopes = slopes;
    }

    @Override
    protected void backward(Tape tape, Tensor gradient) {
      double outer = gradient.get(0);
      if (input(0).requiresGradient()) {
        tape.kernels().axpy(outer, slopes, gradientOf(tape, input(0)));
      }
      if (input(1).requiresGradient()) {
        tape.kernels().axpy(-outer, slopes, gradientOf(tape, input(1)));
      }
    }
  }
}
