package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import org.jspecify.annotations.Nullable;

/**
 * The operations that the rest of the tensor core is made of.
 *
 * <p>Arguments of one call have one dtype, F32 or (where the provider has it) F64, and do not
 * overlap unless said. Forward passes other than recurrences and attention take BF16 too: they are
 * computed in F32 and rounded once, to the nearest, ties to even; backwards, optimizers and what
 * else changes its argument refuse it. Shapes are checked before any memory is touched; what does
 * not fit is a {@link dev.nagare.tensor.TensorException} of kind MISMATCH that names the operation
 * and both shapes. Nothing is allocated per call. Implementations are safe for any number of
 * threads that work on tensors of their own.
 *
 * <p>Bits: a result depends on the arguments and on {@link #id()} alone, never on timing, compiler
 * tier or thread. A row of {@link #lstmForward} does not depend on the other rows of the call, one
 * of {@link #matmul} does not as long as there are at least two.
 */
public interface Kernels {

  /** What the bits depend on: provider, library version, effective instruction set, JDK feature. */
  String id();

  /** Convolutions of images. */
  Convolution convolution();

  /** Largest and mean values of parts of images. */
  Pooling pooling();

  /** Normalisation of channels over a batch. */
  Normalization normalization();

  /**
   * Matrix product {@code out = op(a) · op(b) + bias}, or {@code out += op(a) · op(b)} when
   * accumulating.
   *
   * @param a {@code [M, K]}, or {@code [K, M]} when transposed
   * @param b {@code [K, N]}, or {@code [N, K]} when transposed
   * @param bias {@code [N]}, added to each row; null for none, and null when accumulating
   * @param out {@code [M, N]}
   */
  void matmul(
      Tensor a,
      boolean transposeA,
      Tensor b,
      boolean transposeB,
      @Nullable Tensor bias,
      Tensor out,
      boolean accumulate);

  /** Adds the sum over rows: {@code out[n] += Σ_m x[m, n]}, x {@code [M, N]}, out {@code [N]}. */
  void addColumnSums(Tensor x, Tensor out);

  /**
   * The recurrence of an LSTM layer over whole sequences, gates in PyTorch's order i, f, g, o:
   *
   * <pre>
   * a_t = gates_t + h_{t-1} · weightHh        i, f, o = σ(a), g = tanh(a)
   * c_t = f ⊙ c_{t-1} + i ⊙ g                 h_t = o ⊙ tanh(c_t)
   * </pre>
   *
   * @param gates {@code [N, T, 4H]}: on entry the input's part {@code x·weightIh + biasIh +
   *     biasHh}, on return the activated gates, which the backward needs
   * @param weightHh {@code [H, 4H]}, input-major: PyTorch's {@code weight_hh} transposed, so that a
   *     step is a sum of scaled rows without a sum across lanes
   * @param h0 {@code [N, H]}
   * @param c0 {@code [N, H]}
   * @param h {@code [N, T, H]}, receives the hidden states
   * @param c {@code [N, T, H]}, receives the cell states
   */
  void lstmForward(Tensor gates, Tensor weightHh, Tensor h0, Tensor c0, Tensor h, Tensor c);

  /**
   * The backward of {@link #lstmForward}.
   *
   * @param gates {@code [N, T, 4H]}: on entry the activated gates, on return the gradient of the
   *     pre-activations, from which the caller gets those of input, weightIh and biases
   * @param weightHh as in the forward
   * @param h0 as in the forward
   * @param c0 as in the forward
   * @param h as the forward left it
   * @param c as the forward left it
   * @param dh {@code [N, T, H]}: gradient with respect to h; on return overwritten
   * @param dWeightHh {@code [H, 4H]}: the gradient is added
   * @param dh0 {@code [N, H]}: receives the gradient
   * @param dc0 {@code [N, H]}: on entry the gradient with respect to the last cell state (zeros if
   *     none), on return that of c0
   */
  void lstmBackward(
      Tensor gates,
      Tensor weightHh,
      Tensor h0,
      Tensor c0,
      Tensor h,
      Tensor c,
      Tensor dh,
      Tensor dWeightHh,
      Tensor dh0,
      Tensor dc0);

  /** {@code out = f(x)}, any shape; {@code out} may be {@code x}. */
  void unary(Unary f, Tensor x, Tensor out);

  /** {@code dx += dy · f'(x)}, given the forward's {@code x} and {@code y}. */
  void unaryBackward(Unary f, Tensor x, Tensor y, Tensor dy, Tensor dx);

  /** {@code out = f(a, b)} of equal shapes; {@code out} may be {@code a} or {@code b}. */
  void binary(Binary f, Tensor a, Tensor b, Tensor out);

  /** {@code y += alpha · x} of equal shapes. */
  void axpy(double alpha, Tensor x, Tensor y);

  /** {@code x *= alpha}. */
  void scale(double alpha, Tensor x);

  /**
   * {@code x = min(max(x, -limit), limit)}; what is not a number stays so.
   *
   * @param limit more than 0
   */
  void clip(double limit, Tensor x);

  /** Sum of all elements: lane-wise partials in one fixed tree. */
  double sum(Tensor x);

  /** Sum of the squares of all elements, in the same order. */
  double sumOfSquares(Tensor x);

  /**
   * One step of stochastic gradient descent in place, PyTorch's {@code torch.optim.SGD}:
   *
   * <pre>
   * g = gradientScale·gradient + weightDecay·p      velocity = momentum·velocity + gain·g
   * p -= learningRate · (g, or velocity, or with Nesterov g + momentum·velocity)
   * </pre>
   *
   * @param parameter updated
   * @param gradient read
   * @param velocity updated; null for none, and then momentum counts for nothing
   * @param step the numbers of this step
   */
  void sgd(Tensor parameter, Tensor gradient, @Nullable Tensor velocity, SgdStep step);

  /**
   * One Adam step in place (Kingma and Ba, 2015; PyTorch's {@code torch.optim.Adam}, or {@code
   * AdamW} with a {@code shrink}):
   *
   * <pre>
   * g = gradientScale·gradient + weightDecay·p
   * m = β1·m + (1-β1)·g      v = β2·v + (1-β2)·g²
   * p = shrink·p - learningRate / biasCorrection1 · m / (√(v / biasCorrection2) + ε)
   * </pre>
   *
   * @param parameter updated
   * @param gradient read
   * @param m first moment, updated
   * @param v second moment, updated
   * @param step the numbers of this step
   */
  void adam(Tensor parameter, Tensor gradient, Tensor m, Tensor v, AdamStep step);

  /** Activation functions. */
  Activations activations();

  /** Functions of corresponding elements, with broadcasting. */
  Pointwise pointwise();

  /** Sums and extremes over axes. */
  Reductions reductions();

  /** Elements by index. */
  Indexing indexing();

  /** Softmax over the last axis. */
  Softmax softmax();

  /** Layer normalisation. */
  LayerNorm layerNorm();

  /** Rows of a table. */
  Embedding embedding();

  /** Scaled dot-product attention. */
  Attention attention();

  /** Recurrences whose rows may end early. */
  Recurrent recurrent();

  /** Kernels of fixed shapes, made once and run often. */
  PreparedKernels prepared();

  /** Element-wise functions of one argument. */
  enum Unary {
    /** {@code 1 / (1 + e^-x)}. */
    SIGMOID,
    /** Hyperbolic tangent. */
    TANH,
    /** {@code max(x, 0)}; the gradient at 0 is 0. */
    RELU,
    /** {@code e^x}. */
    EXP,
    /** {@code x²}. */
    SQUARE,
    /** {@code |x|}; the gradient at 0 is 0. */
    ABS
  }

  /** Element-wise functions of two arguments. */
  enum Binary {
    /** {@code a + b}. */
    ADD,
    /** {@code a - b}. */
    SUB,
    /** {@code a · b}. */
    MUL
  }

  /**
   * The numbers of one step of gradient descent.
   *
   * @param learningRate of this step
   * @param momentum decay of the velocity
   * @param gain factor on what enters the velocity: 1, or 1 less the dampening
   * @param nesterov whether the step looks ahead along the velocity
   * @param weightDecay L2 decay, added to the gradient as a multiple of the parameter
   * @param gradientScale factor on the gradient (clipping), 1 for none
   */
  record SgdStep(
      double learningRate,
      double momentum,
      double gain,
      boolean nesterov,
      double weightDecay,
      double gradientScale) {}

  /**
   * The numbers of one Adam step.
   *
   * @param learningRate of this step
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root
   * @param biasCorrection1 {@code 1 - β1^step}
   * @param biasCorrection2 {@code 1 - β2^step}
   * @param gradientScale factor on the gradient (clipping), 1 for none
   * @param weightDecay L2 decay, added to the gradient as a multiple of the parameter, 0 for none
   * @param shrink factor on the parameter, which is AdamW's decay, 1 for none
   */
  record AdamStep(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double biasCorrection1,
      double biasCorrection2,
      double gradientScale,
      double weightDecay,
      double shrink) {

    /** A step without decay. */
    public AdamStep(
        double learningRate,
        double beta1,
        double beta2,
        double epsilon,
        double biasCorrection1,
        double biasCorrection2,
        double gradientScale) {
      this(
          learningRate,
          beta1,
          beta2,
          epsilon,
          biasCorrection1,
          biasCorrection2,
          gradientScale,
          0,
          1);
    }

    boolean decays() {
      return weightDecay != 0 || shrink != 1;
    }
  }
}
