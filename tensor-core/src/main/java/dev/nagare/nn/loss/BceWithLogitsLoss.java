package dev.nagare.nn.loss;

import dev.nagare.autograd.Node;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.Arrays;

/**
 * Mean of the binary cross entropies {@code -w·z·ln σ(x) - (1 - z)·ln(1 - σ(x))} of logits x and
 * targets z, in nats; w is the weight of the positive class.
 *
 * <p>Shapes: {@code S, S -> []}. Dtypes: all; logarithms and the sum are taken in f64, in order,
 * and in a form that overflows for no logit. Gradient: to logits and targets. Targets are meant to
 * be in [0, 1], which is not checked, as in PyTorch. Instances are immutable and safe for any
 * thread. Source: {@code torch.nn.BCEWithLogitsLoss}.
 */
public final class BceWithLogitsLoss {
  private static final Shape SCALAR = Shape.of();

  private final double[] positiveWeights;

  /**
   * Creates the loss.
   *
   * @param positiveWeights of the positive case: none for 1, one for all elements, or one for each
   *     class of the last axis; 0 or more
   */
  public BceWithLogitsLoss(double... positiveWeights) {
    this.positiveWeights = positiveWeights.length == 0 ? new double[] {1} : positiveWeights.clone();
    for (double weight : positiveWeights) {
      if (!(weight >= 0)) {
        throw new IllegalArgumentException(
            "bce with logits: expected positive weights of 0 or more, got "
                + Arrays.toString(positiveWeights));
      }
    }
  }

  /** The mean loss. */
  public Variable forward(Variable logits, Variable targets) {
    Tape tape = Tape.of("bce with logits", logits, targets);
    check(logits, targets);
    Tensor x = logits.value();
    Tensor z = targets.value();
    Tensor logitSlopes = tape.scope().empty(x.dtype(), x.shape());
    Tensor targetSlopes = tape.scope().empty(x.dtype(), x.shape());
    double mean = 1.0 / x.elements();
    double sum = 0;
    for (long i = 0; i < x.elements(); i++) {
      double logit = x.get(i);
      double target = z.get(i);
      double weight = positiveWeights[(int) (i % positiveWeights.length)];
      double shrunk = StrictMath.exp(-Math.abs(logit));
      double lost = Math.max(-logit, 0) + StrictMath.log1p(shrunk); // -ln σ(logit)
      double missing = (logit < 0 ? 1 : shrunk) / (1 + shrunk); // 1 - σ(logit)
      double factor = 1 + (weight - 1) * target;
      sum += (1 - target) * logit + factor * lost;
      logitSlopes.set(i, (1 - target - factor * missing) * mean);
      targetSlopes.set(i, ((weight - 1) * lost - logit) * mean);
    }
    Tensor out = tape.scope().empty(x.dtype(), SCALAR);
    out.set(0, sum * mean);
    return tape.record(new Slopes(logits, targets, logitSlopes, targetSlopes), out);
  }

  private void check(Variable logits, Variable targets) {
    Tensor x = logits.value();
    Tensor z = targets.value();
    if (x.dtype() != z.dtype() || !x.shape().equals(z.shape())) {
      throw TensorException.mismatch(
          "bce with logits: expected targets like the logits " + logits + ", got " + targets);
    }
    int weights = positiveWeights.length;
    if (weights > 1 && (x.shape().rank() == 0 || x.dim(-1) != weights)) {
      throw TensorException.mismatch(
          "bce with logits: expected logits [.., " + weights + "] as weights, got " + logits);
    }
  }

  private static final class Slopes extends Node {
    private final Tensor logitSlopes;
    private final Tensor targetSlopes;

    Slopes(Variable logits, Variable targets, Tensor logitSlopes, Tensor targetSlopes) {
      super("bce with logits", logits, targets);
      this.logitSlopes = logitSlopes;
      this.targetSlopes = targetSlopes;
    }

    @Override
    protected void backward(Tape tape, Tensor gradient) {
      double outer = gradient.get(0);
      if (input(0).requiresGradient()) {
        tape.kernels().axpy(outer, logitSlopes, gradientOf(tape, input(0)));
      }
      if (input(1).requiresGradient()) {
        tape.kernels().axpy(outer, targetSlopes, gradientOf(tape, input(1)));
      }
    }
  }
}
