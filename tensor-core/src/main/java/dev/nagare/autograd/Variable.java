package dev.nagare.autograd;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Attention;
import dev.nagare.tensor.kernel.Kernels.Binary;
import dev.nagare.tensor.kernel.Kernels.Unary;
import org.jspecify.annotations.Nullable;

/**
 * A tensor that remembers how it was computed. Counterpart: a {@code torch.Tensor} with {@code
 * requires_grad}.
 *
 * <p>A <em>leaf</em> was not computed: a parameter, an input. Its gradient accumulates over
 * backwards until it is zeroed. Not thread-safe.
 */
public class Variable {
  private final @Nullable Tape tape;
  private final Tensor value;
  private final boolean requiresGradient;
  private final @Nullable Node node;
  private @Nullable Tensor gradient;

  /**
   * A leaf that is on no tape, such as a parameter; it may be an operand on any.
   *
   * @param value read by operators
   * @param gradient what backwards add to, of the same dtype and shape
   */
  protected Variable(Tensor value, Tensor gradient) {
    if (gradient.dtype() != value.dtype() || !gradient.shape().equals(value.shape())) {
      throw TensorException.mismatch(
          "variable: expected a gradient " + value + ", got " + gradient);
    }
    this.tape = null;
    this.value = value;
    this.requiresGradient = true;
    this.node = null;
    this.gradient = gradient;
  }

  Variable(Tape tape, Tensor value, @Nullable Tensor gradient, boolean requiresGradient) {
    this.tape = tape;
    this.value = value;
    this.requiresGradient = requiresGradient;
    this.node = null;
    this.gradient = gradient;
  }

  Variable(Tape tape, Tensor value, Node node) {
    this.tape = tape;
    this.value = value;
    this.requiresGradient = true;
    this.node = node;
  }

  /** The numbers; valid as long as their memory, for a result until {@link Tape#reset}. */
  public final Tensor value() {
    return value;
  }

  /** Sizes of the axes. */
  public final Shape shape() {
    return value.shape();
  }

  /** Whether a backward computes a gradient for this. */
  public final boolean requiresGradient() {
    return requiresGradient;
  }

  /**
   * The accumulated gradient of a leaf.
   *
   * @throws IllegalStateException if this is not a leaf or requires none: gradients of results are
   *     working memory of the backward
   */
  public final Tensor gradient() {
    if (node != null || gradient == null) {
      throw new IllegalStateException(
          node != null
              ? "gradient: only a leaf keeps its gradient; " + this + " is a result"
              : "gradient: " + this + " requires none");
    }
    return gradient;
  }

  /** The same numbers as a constant: no gradient flows through it. */
  public final Variable detach() {
    return Tape.of("detach", this).constant(value);
  }

  /**
   * Adds the gradient of this one element to every leaf it depends on, and frees the tape's
   * records.
   *
   * @throws IllegalStateException if nothing requires a gradient, or the records were freed already
   */
  public final void backward() {
    Tape.of("backward", this).backward(this);
  }

  /** {@code this + other}, equal shapes. */
  public final Variable add(Variable other) {
    return Elementwise.apply(Binary.ADD, this, other);
  }

  /** {@code this - other}, equal shapes. */
  public final Variable sub(Variable other) {
    return Elementwise.apply(Binary.SUB, this, other);
  }

  /** {@code this · other}, element by element, equal shapes. */
  public final Variable mul(Variable other) {
    return Elementwise.apply(Binary.MUL, this, other);
  }

  /** Matrix product {@code [M, K] · [K, N] -> [M, N]}. */
  public final Variable matmul(Variable other) {
    return MatMul.apply(this, other);
  }

  /** {@code this · weightᵀ + bias}: see {@link Affine}. */
  public final Variable linear(Variable weight, Variable bias) {
    return Affine.apply(this, weight, bias);
  }

  /** Logistic function. */
  public final Variable sigmoid() {
    return Activation.apply(Unary.SIGMOID, this);
  }

  /** Hyperbolic tangent. */
  public final Variable tanh() {
    return Activation.apply(Unary.TANH, this);
  }

  /** {@code max(x, 0)}. */
  public final Variable relu() {
    return Activation.apply(Unary.RELU, this);
  }

  /** {@code e^x}. */
  public final Variable exp() {
    return Activation.apply(Unary.EXP, this);
  }

  /** {@code |x|}. */
  public final Variable abs() {
    return Activation.apply(Unary.ABS, this);
  }

  /** {@code x²}. */
  public final Variable square() {
    return Activation.apply(Unary.SQUARE, this);
  }

  /** Sum of all elements, a scalar. */
  public final Variable sum() {
    return Reduction.apply(this, false);
  }

  /** Mean of all elements, a scalar. */
  public final Variable mean() {
    return Reduction.apply(this, true);
  }

  /** The last step of a sequence, {@code [N, T, C] -> [N, C]}. */
  public final Variable lastStep() {
    return LastStep.apply(this);
  }

  /** The element of a scalar. */
  public final double item() {
    if (value.elements() != 1) {
      throw TensorException.mismatch("item: expected one element, got " + value);
    }
    return value.get(0);
  }

  /** The last steps of a sequence, {@code [N, T, C] -> [N, steps, C]}. */
  public final Variable lastSteps(long steps) {
    return LastSteps.apply(this, steps);
  }

  /** A fraction of the elements left out, for training: see {@link Dropout}. */
  public final Variable dropout(double fraction, CounterRandom random) {
    return Dropout.apply(this, fraction, random);
  }

  @Nullable Tape tape() {
    return tape;
  }

  @Nullable Node node() {
    return node;
  }

  @Nullable Tensor gradientOrNull() {
    return gradient;
  }

  Tensor accumulator(Tape on) {
    Tensor sum = gradient;
    if (sum == null) {
      sum = on.scope().zeros(value.dtype(), value.shape());
      gradient = sum;
    }
    return sum;
  }

  @Override
  public String toString() {
    return value.toString();
  }

  // Sequences.

  /** {@code e^x / Σ e^x} over the last axis. */
  public final Variable softmax() {
    return Softmax.apply(this, false);
  }

  /** {@code x - ln Σ e^x} over the last axis. */
  public final Variable logSoftmax() {
    return Softmax.apply(this, true);
  }

  /** Layer normalisation over the last axis: see {@link LayerNorm}. */
  public final Variable layerNorm(Variable weight, Variable bias, double epsilon) {
    return LayerNorm.apply(this, weight, bias, epsilon);
  }

  /**
   * What these queries {@code [N, Tq, E]} find in keys and values {@code [N, Tk, E]}: see {@link
   * ScaledDotProductAttention}.
   */
  public final Variable attention(Variable keys, Variable values, int heads, Attention.Mask mask) {
    return ScaledDotProductAttention.apply(
        new ScaledDotProductAttention.Options(heads, shape().dim(-1), mask),
        new ScaledDotProductAttention.Columns(this, 0),
        new ScaledDotProductAttention.Columns(keys, 0),
        new ScaledDotProductAttention.Columns(values, 0));
  }
}
