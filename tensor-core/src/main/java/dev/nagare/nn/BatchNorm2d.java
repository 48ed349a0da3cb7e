package dev.nagare.nn;

import dev.nagare.autograd.BatchNormalization;
import dev.nagare.autograd.Variable;

/**
 * Normalisation of each channel of images over a batch; for formula and gradient see {@link
 * BatchNormalization}.
 *
 * <p>Shapes: {@code [N, C, H, W]} to the same; weight and bias {@code [C]}. In training, as {@link
 * Module#train()} says, the statistics are those of the batch and the buffers {@code running_mean}
 * and {@code running_var} follow them, the latter unbiased as in PyTorch; {@code
 * num_batches_tracked} counts. In inference the buffers are used, and a row does not depend on the
 * others. Dtypes: F32, F64. Not thread-safe in training. Source: Ioffe and Szegedy (2015); {@code
 * torch.nn.BatchNorm2d} with {@code affine} and {@code track_running_stats}.
 */
public final class BatchNorm2d extends BatchNorm {

  /** Creates a layer with PyTorch's ε of 1e-5 and momentum of 0.1; weight 1, bias 0. */
  public BatchNorm2d(ParameterFactory factory, int features) {
    this(factory, features, EPSILON, MOMENTUM);
  }

  /**
   * Creates a layer.
   *
   * @param epsilon added to the variance
   * @param momentum share of a batch in the running statistics
   */
  public BatchNorm2d(ParameterFactory factory, int features, double epsilon, double momentum) {
    super(factory, features, epsilon, momentum);
  }

  @Override
  public Variable forward(Variable x) {
    return normalized(x, 4, 4);
  }
}
