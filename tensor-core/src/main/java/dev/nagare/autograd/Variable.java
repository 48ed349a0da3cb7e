package dev.nagare.autograd;

import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Activations;
import dev.nagare.tensor.kernel.Attention;
import dev.nagare.tensor.kernel.Kernels.Unary;
import dev.nagare.tensor.kernel.Pointwise.Comparison;
import dev.nagare.tensor.kernel.Pointwise.Function;
import dev.nagare.tensor.kernel.Pointwise.Single;
import dev.nagare.tensor.kernel.Window;
import java.util.ArrayList;
import java.util.List;
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
    if (!gradient.isContiguous()) {
      throw TensorException.mismatch("variable: expected a row-major gradient, got " + gradient);
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

  /** {@code this + other}, broadcast: see {@link Elementwise}. */
  public final Variable add(Variable other) {
    return Elementwise.apply(Function.ADD, this, other);
  }

  /** {@code this - other}, broadcast. */
  public final Variable sub(Variable other) {
    return Elementwise.apply(Function.SUB, this, other);
  }

  /** {@code this · other}, element by element, broadcast. */
  public final Variable mul(Variable other) {
    return Elementwise.apply(Function.MUL, this, other);
  }

  /** Matrix product {@code [.., M, K] · [.., K, N] -> [.., M, N]}, axes in front broadcast. */
  public final Variable matmul(Variable other) {
    return MatMul.apply(this, other);
  }

  /** {@code this · weightᵀ + bias}: see {@link Affine}. */
  public final Variable linear(Variable weight, Variable bias) {
    return Affine.apply(this, weight, bias);
  }

  /** Logistic function. */
  public final Variable sigmoid() {
    return EachElement.apply(new EachElement.Plain(Unary.SIGMOID), this);
  }

  /** Hyperbolic tangent. */
  public final Variable tanh() {
    return EachElement.apply(new EachElement.Plain(Unary.TANH), this);
  }

  /** {@code max(x, 0)}. */
  public final Variable relu() {
    return EachElement.apply(new EachElement.Plain(Unary.RELU), this);
  }

  /** {@code e^x}. */
  public final Variable exp() {
    return EachElement.apply(new EachElement.Plain(Unary.EXP), this);
  }

  /** {@code |x|}. */
  public final Variable abs() {
    return EachElement.apply(new EachElement.Plain(Unary.ABS), this);
  }

  /** {@code x²}. */
  public final Variable square() {
    return EachElement.apply(new EachElement.Plain(Unary.SQUARE), this);
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

  /** What gradients are added to, row-major; zeros at first. */
  Tensor accumulator(Tape on) {
    Tensor sum = gradient;
    if (sum == null) {
      sum = on.scope().zeros(value.dtype(), value.shape());
      gradient = sum;
    } else if (!sum.isContiguous()) {
      sum = sum.contiguous(on.scope());
      gradient = sum;
    }
    return sum;
  }

  /** The same for those who add in any strides; lies as the value does if it is new. */
  Tensor stridedAccumulator(Tape on) {
    Tensor sum = gradient;
    if (sum == null) {
      sum = MemoryOrder.zerosLike(on.scope(), value);
      gradient = sum;
    }
    return sum;
  }

  @Override
  public String toString() {
    return value.toString();
  }

  // Elements, axes and views.

  /** {@code this / other}, element by element, broadcast. */
  public final Variable div(Variable other) {
    return Elementwise.apply(Function.DIV, this, other);
  }

  /** The larger of both, element by element, broadcast. */
  public final Variable maximum(Variable other) {
    return Elementwise.apply(Function.MAXIMUM, this, other);
  }

  /** The smaller of both, element by element, broadcast. */
  public final Variable minimum(Variable other) {
    return Elementwise.apply(Function.MINIMUM, this, other);
  }

  /** {@code this^exponent}, element by element, broadcast. */
  public final Variable pow(Variable exponent) {
    return Elementwise.apply(Function.POW, this, exponent);
  }

  /** {@code this^exponent}, element by element. */
  public final Variable pow(double exponent) {
    return pow(number("pow", exponent));
  }

  /** {@code this + number}. */
  public final Variable add(double number) {
    return add(number("add", number));
  }

  /** {@code this · number}. */
  public final Variable mul(double number) {
    return mul(number("mul", number));
  }

  private Variable number(String op, double number) {
    Tape on = Tape.of(op, this);
    Tensor scalar = on.scope().empty(value.dtype(), Shape.of());
    scalar.set(0, number);
    return on.constant(scalar);
  }

  /** {@code -x}. */
  public final Variable neg() {
    return EachElement.apply(new EachElement.PointwiseSingle(Single.NEG), this);
  }

  /** {@code √x}. */
  public final Variable sqrt() {
    return EachElement.apply(new EachElement.PointwiseSingle(Single.SQRT), this);
  }

  /** Natural logarithm. */
  public final Variable log() {
    return EachElement.apply(new EachElement.PointwiseSingle(Single.LOG), this);
  }

  /** {@code min(max(x, low), high)}; a limit may be infinite. */
  public final Variable clamp(double low, double high) {
    return EachElement.apply(new EachElement.Clamp(low, high), this);
  }

  /** {@code condition ? a : b}, broadcast; the condition is BOOL. */
  public static Variable where(Variable condition, Variable a, Variable b) {
    return Where.apply(condition.value(), a, b);
  }

  /** Whether both are equal, BOOL, broadcast; no gradient. */
  public final Variable eq(Variable other) {
    return Discrete.compare(Comparison.EQ, this, other);
  }

  /** Whether both differ, BOOL, broadcast; no gradient. */
  public final Variable ne(Variable other) {
    return Discrete.compare(Comparison.NE, this, other);
  }

  /** Whether this is less, BOOL, broadcast; no gradient. */
  public final Variable lt(Variable other) {
    return Discrete.compare(Comparison.LT, this, other);
  }

  /** Whether this is less or equal, BOOL, broadcast; no gradient. */
  public final Variable le(Variable other) {
    return Discrete.compare(Comparison.LE, this, other);
  }

  /** Whether this is greater, BOOL, broadcast; no gradient. */
  public final Variable gt(Variable other) {
    return Discrete.compare(Comparison.GT, this, other);
  }

  /** Whether this is greater or equal, BOOL, broadcast; no gradient. */
  public final Variable ge(Variable other) {
    return Discrete.compare(Comparison.GE, this, other);
  }

  /** Sum over axes, all if none is given. */
  public final Variable sum(boolean keepDim, int... axes) {
    return SumOverAxes.apply(this, false, keepDim, axes);
  }

  /** Mean over axes, all if none is given. */
  public final Variable mean(boolean keepDim, int... axes) {
    return SumOverAxes.apply(this, true, keepDim, axes);
  }

  /** Largest element over axes, all if none is given: see {@link ExtremeOverAxes}. */
  public final Variable max(boolean keepDim, int... axes) {
    return ExtremeOverAxes.apply(this, true, keepDim, axes);
  }

  /** Smallest element over axes, all if none is given. */
  public final Variable min(boolean keepDim, int... axes) {
    return ExtremeOverAxes.apply(this, false, keepDim, axes);
  }

  /** Variance over axes, all if none is given, divided by their elements less the correction. */
  public final Variable var(int correction, boolean keepDim, int... axes) {
    return Variance.apply(this, correction, keepDim, axes);
  }

  /** Position of the largest element along an axis, I64; no gradient. */
  public final Variable argMax(int axis, boolean keepDim) {
    return Discrete.argExtreme(true, this, axis, keepDim);
  }

  /** Position of the smallest element along an axis, I64; no gradient. */
  public final Variable argMin(int axis, boolean keepDim) {
    return Discrete.argExtreme(false, this, axis, keepDim);
  }

  /** The k largest, or smallest, elements along an axis and where they were. */
  public final TopK topK(long k, int axis, boolean largest) {
    return TopK.apply(this, k, axis, largest);
  }

  /** 1 at each class of this I64, else 0, along a new last axis; no gradient. */
  public final Variable oneHot(long classes, DType dtype) {
    return Discrete.oneHot(Tape.of("oneHot", this), value, classes, dtype);
  }

  /**
   * The same elements in another shape; one size may be -1. A copy only where strides ask for it.
   */
  public final Variable reshape(long... dims) {
    return Contiguous.reshape(this, dims);
  }

  /** The same elements in row-major order. */
  public final Variable contiguous() {
    return Contiguous.apply(this);
  }

  /** A view with the axes in another order. */
  public final Variable permute(int... axes) {
    return View.apply("permute", this, x -> x.permute(axes));
  }

  /** A view with two axes exchanged. */
  public final Variable transpose(int a, int b) {
    return View.apply("transpose", this, x -> x.transpose(a, b));
  }

  /** A view of every {@code step}-th position of an axis: see {@link Tensor#slice}. */
  public final Variable slice(int axis, long start, long end, long step) {
    return View.apply("slice", this, x -> x.slice(axis, start, end, step));
  }

  /** A view of positions {@code start .. start + length - 1} of an axis. */
  public final Variable narrow(int axis, long start, long length) {
    return View.apply("narrow", this, x -> x.narrow(axis, start, length));
  }

  /** A view of one position of an axis, without that axis. */
  public final Variable select(int axis, long index) {
    return View.apply("select", this, x -> x.select(axis, index));
  }

  /** A view that repeats axes of size 1: see {@link Tensor#expand}. */
  public final Variable expand(long... dims) {
    return View.apply("expand", this, x -> x.expand(dims));
  }

  /** A view without an axis of size 1. */
  public final Variable squeeze(int axis) {
    return View.apply("squeeze", this, x -> x.squeeze(axis));
  }

  /** A view with an axis of size 1 before an axis. */
  public final Variable unsqueeze(int axis) {
    return View.apply("unsqueeze", this, x -> x.unsqueeze(axis));
  }

  /** Operands one after the other along an axis. */
  public static Variable concat(int axis, Variable... parts) {
    return Concat.apply(axis, parts);
  }

  /** Operands of one shape along a new axis. */
  public static Variable stack(int axis, Variable... parts) {
    return Stack.apply(axis, parts);
  }

  /** Views of so many positions of an axis each; the last has what is left. */
  public final List<Variable> split(long size, int axis) {
    long whole = value.dim(axis);
    if (size < 1) {
      throw TensorException.mismatch("split: expected parts of 1 or more, got " + size);
    }
    List<Variable> parts = new ArrayList<>();
    for (long from = 0; from < whole; from += size) {
      parts.add(narrow(axis, from, Math.min(size, whole - from)));
    }
    return parts;
  }

  /** A border of one value; pairs of before and after, the last axis first: see {@link Pad}. */
  public final Variable pad(double border, long... padding) {
    return Pad.apply(this, border, padding);
  }

  /** Elements chosen along an axis by an I64 of as many axes: see {@link Gather}. */
  public final Variable gather(int axis, Variable index) {
    return Gather.apply(this, axis, index.value());
  }

  /** Whole rows of an axis chosen by an I64 {@code [K]}. */
  public final Variable indexSelect(int axis, Variable index) {
    return Gather.rows(this, axis, index.value());
  }

  /** This with the source's elements added where an I64 says: see {@link ScatterAdd}. */
  public final Variable scatterAdd(int axis, Variable index, Variable source) {
    return ScatterAdd.apply(this, axis, index.value(), source);
  }

  // Images and their channels.

  /**
   * Convolution of images {@code [N, C, H, W]} or sequences {@code [N, C, L]} with weight {@code
   * [O, C / groups, ..]} and bias {@code [O]}: see {@link ImageConvolution}.
   *
   * @param bias null for none
   * @param window of the weight's size
   */
  public final Variable convolution(
      Variable weight, @Nullable Variable bias, Window window, int groups) {
    return ImageConvolution.apply(this, weight, bias, window, groups);
  }

  /** The largest value that a window sees, {@code [N, C, ..]}: see {@link MaxPooling}. */
  public final Variable maxPool(Window window) {
    return maxPool(window, false);
  }

  /** The same with a last window that reaches beyond the padding: see {@link Window#ceilH}. */
  public final Variable maxPool(Window window, boolean ceilMode) {
    return MaxPooling.apply(this, window, ceilMode);
  }

  /**
   * The mean of what a window sees, {@code [N, C, ..]}: see {@link AveragePooling}.
   *
   * @param includePadding whether padding counts as zeros
   */
  public final Variable averagePool(Window window, boolean includePadding) {
    return averagePool(window, includePadding, false);
  }

  /** The same with a last window that reaches beyond the padding, where nothing is counted. */
  public final Variable averagePool(Window window, boolean includePadding, boolean ceilMode) {
    return AveragePooling.apply(this, window, includePadding, ceilMode);
  }

  /** Means of h x w equal parts of images {@code [N, C, H, W]}: see {@link AveragePooling}. */
  public final Variable adaptiveAveragePool(long h, long w) {
    return AveragePooling.ofParts(this, h, w);
  }

  /** The mean of each channel, {@code [N, C, ..] -> [N, C]}: see {@link AveragePooling}. */
  public final Variable globalAveragePool() {
    return AveragePooling.ofChannels(this);
  }

  /** Whether no gradient has come yet, and one that is contiguous in that order would fit. */
  final boolean isFresh(int @Nullable [] order) {
    return gradient == null && MemoryOrder.lies(value, order);
  }

  /** The first gradient; becomes this result's own, to be added to. */
  final void give(Tensor first) {
    gradient = first;
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

  // Activation functions.

  /** {@code x > 0 ? x : slope · x}: see {@link EachElement}. */
  public final Variable leakyRelu(double slope) {
    return EachElement.apply(new EachElement.LeakyRelu(slope), this);
  }

  /** {@code x · Φ(x)}, Φ being the normal distribution's. */
  public final Variable gelu() {
    return EachElement.apply(new EachElement.SelfGated(Activations.Function.GELU), this);
  }

  /** {@link #gelu()} as it is, or its form with a hyperbolic tangent. */
  public final Variable gelu(boolean tanh) {
    return EachElement.apply(
        new EachElement.SelfGated(
            tanh ? Activations.Function.GELU_TANH : Activations.Function.GELU),
        this);
  }

  /** {@code x / (1 + e^-x)}. */
  public final Variable silu() {
    return EachElement.apply(new EachElement.SelfGated(Activations.Function.SILU), this);
  }

  /** {@code x · min(max(x + 3, 0), 6) / 6}. */
  public final Variable hardSwish() {
    return EachElement.apply(new EachElement.SelfGated(Activations.Function.HARD_SWISH), this);
  }
}
