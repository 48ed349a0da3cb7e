package dev.nagare.nn.loss;

import dev.nagare.autograd.Node;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelArguments;
import dev.nagare.tensor.kernel.Kernels.Unary;
import java.util.List;

/**
 * Weighted mean over rows of {@code -ln softmax(logits)[label]}, in nats. With label smoothing s, C
 * classes and class weights w, a row with label y loses
 *
 * <pre>
 * (1 - s) · w[y] · -ln p[y] + s / C · Σ_c w[c] · -ln p[c]        p = softmax(logits)
 * </pre>
 *
 * and the sum over rows is divided by the sum of their {@code w[y]}. A row whose label is the
 * ignored one counts in neither; where no row counts the loss is 0 (PyTorch: not a number).
 *
 * <p>Shapes: logits {@code [.., C]}, labels {@code [..]} of class numbers from 0 to C - 1 {@code ->
 * []}. Dtypes: all, I32 or I64 for labels; sums and exponentials are taken in f64, in order, less
 * the largest logit, so that none overflows; but for F32 with 64 classes or more, equal weights and
 * no smoothing they are the {@link dev.nagare.tensor.kernel.Softmax kernels'}. Gradient: to the
 * logits; labels that require one are refused. Safe for any thread. Source: {@code
 * torch.nn.CrossEntropyLoss} with class numbers, whose classes are axis 1.
 */
public final class SoftmaxCrossEntropy {
  private static final Shape SCALAR = Shape.of();

  /** From so many classes on the plain mean is left to the kernels, in the dtype of the logits. */
  private static final int MANY_CLASSES = 64;

  private final double smoothing;
  private final double[] weights;
  private final long ignored;

  /**
   * What departs from the plain mean.
   *
   * @param labelSmoothing part of a row's truth that is spread over all classes, in [0, 1]
   * @param classWeights one per class, 0 or more; empty for 1 each
   * @param ignoreIndex label of rows that do not count
   */
  public record Options(double labelSmoothing, List<Double> classWeights, long ignoreIndex) {
    /** PyTorch's: no smoothing, equal weights, -100 ignored. */
    public static final Options DEFAULT = new Options(0, List.of(), -100);

    public Options {
      classWeights = List.copyOf(classWeights);
      if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
        throw new IllegalArgumentException(
            "cross entropy: expected label smoothing in [0, 1], got " + labelSmoothing);
      }
      for (double weight : classWeights) {
        if (!(weight >= 0)) {
          throw new IllegalArgumentException(
              "cross entropy: expected class weights of 0 or more, got " + classWeights);
        }
      }
    }

    /** The same with another smoothing. */
    public Options withLabelSmoothing(double smoothing) {
      return new Options(smoothing, classWeights, ignoreIndex);
    }

    /** The same with other weights. */
    public Options withClassWeights(List<Double> weights) {
      return new Options(labelSmoothing, weights, ignoreIndex);
    }

    /** The same with another label ignored. */
    public Options withIgnoreIndex(long label) {
      return new Options(labelSmoothing, classWeights, label);
    }
  }

  /** Creates the loss with {@link Options#DEFAULT}. */
  public SoftmaxCrossEntropy() {
    this(Options.DEFAULT);
  }

  /** Creates the loss. */
  public SoftmaxCrossEntropy(Options options) {
    this.smoothing = options.labelSmoothing;
    this.weights = options.classWeights.stream().mapToDouble(Double::doubleValue).toArray();
    this.ignored = options.ignoreIndex;
  }

  /** The mean loss. */
  public Variable forward(Variable logits, Variable labels) {
    Tape tape = Tape.of("cross entropy", logits, labels);
    check(logits, labels);
    Tensor x = logits.value();
    Tensor y = labels.value();
    int classes = Math.toIntExact(x.dim(-1));
    long rows = y.elements();
    double total = 0;
    for (long r = 0; r < rows; r++) {
      total += counts(y, r) ? weight(label(y, r, classes)) : 0;
    }
    if (x.dtype() == DType.F32
        && classes >= MANY_CLASSES
        && smoothing == 0
        && weights.length == 0) {
      return manyClasses(tape, logits, y, total);
    }
    double spread = 0;
    for (int c = 0; smoothing > 0 && c < classes; c++) {
      spread += weight(c) * smoothing / classes;
    }
    Tensor slopes = tape.scope().zeros(x.dtype(), x.shape());
    double sum = 0;
    for (long r = 0; total > 0 && r < rows; r++) {
      if (counts(y, r)) {
        sum += row(x, slopes, r * classes, classes, label(y, r, classes), spread, total);
      }
    }
    Tensor out = tape.scope().empty(x.dtype(), SCALAR);
    out.set(0, total > 0 ? sum / total : 0);
    return tape.record(new Slopes(logits, slopes), out);
  }

  private Variable manyClasses(Tape tape, Variable logits, Tensor y, double total) {
    Tensor x = logits.value();
    int classes = Math.toIntExact(x.dim(-1));
    Tensor slopes = tape.scope().empty(x.dtype(), x.shape());
    tape.kernels().softmax().logForward(x.contiguous(tape.scope()), slopes);
    double sum = 0;
    for (long r = 0; r < y.elements(); r++) {
      if (counts(y, r)) {
        sum -= slopes.get(r * classes + label(y, r, classes));
      }
    }
    double part = total > 0 ? 1 / total : 0;
    tape.kernels().unary(Unary.EXP, slopes, slopes);
    tape.kernels().scale(part, slopes);
    for (long r = 0; r < y.elements(); r++) {
      if (counts(y, r)) {
        long at = r * classes + label(y, r, classes);
        slopes.set(at, slopes.get(at) - part);
      } else {
        for (long c = r * classes, end = c + classes; c < end; c++) {
          slopes.set(c, 0);
        }
      }
    }
    Tensor out = tape.scope().empty(x.dtype(), SCALAR);
    out.set(0, total > 0 ? sum / total : 0);
    return tape.record(new Slopes(logits, slopes), out);
  }

  private void check(Variable logits, Variable labels) {
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
    if (weights.length > 0 && weights.length != classes) {
      throw TensorException.mismatch(
          "cross entropy: expected logits [.., " + weights.length + "] as weights, got " + logits);
    }
    if (labels.requiresGradient()) {
      throw TensorException.mismatch(
          "cross entropy: labels " + labels + " require a gradient, which class numbers have not");
    }
  }

  private static int label(Tensor labels, long row, int classes) {
    return (int) KernelArguments.number("cross entropy", "label", labels, row, classes);
  }

  private boolean counts(Tensor labels, long row) {
    return labels.dtype().isFloating()
        ? labels.get(row) != ignored
        : labels.getLong(row) != ignored;
  }

  private double weight(int label) {
    return weights.length == 0 ? 1 : weights[label];
  }

  /** The loss of one row, not yet divided; its slopes are. */
  private double row(
      Tensor x, Tensor slopes, long first, int classes, int label, double spread, double total) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      largest = Math.max(largest, x.get(first + c));
    }
    double sum = 0;
    for (int c = 0; c < classes; c++) {
      sum += StrictMath.exp(x.get(first + c) - largest);
    }
    double log = StrictMath.log(sum);
    double sharp = (1 - smoothing) * weight(label);
    double loss = sharp * (log - (x.get(first + label) - largest));
    for (int c = 0; c < classes; c++) {
      double probability = StrictMath.exp(x.get(first + c) - largest) / sum;
      double slope = sharp * (probability - (c == label ? 1 : 0));
      if (smoothing > 0) {
        double part = weight(c) * smoothing / classes;
        loss += part * (log - (x.get(first + c) - largest));
        slope += spread * probability - part;
      }
      slopes.set(first + c, slope / total);
    }
    return loss;
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
