package dev.nagare.nn;

import dev.nagare.autograd.BatchNormalization;
import dev.nagare.autograd.Variable;
import dev.nagare.nn.init.Constant;
import dev.nagare.nn.init.Initializer;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;

/** What {@link BatchNorm1d} and {@link BatchNorm2d} share. */
abstract sealed class BatchNorm extends Module implements Layer permits BatchNorm1d, BatchNorm2d {
  static final double EPSILON = 1e-5;
  static final double MOMENTUM = 0.1;

  private final double epsilon;
  private final double momentum;
  private final Parameter weight;
  private final Parameter bias;
  private final Tensor runningMean;
  private final Tensor runningVariance;
  private final Tensor batches;

  BatchNorm(ParameterFactory factory, int features, double epsilon, double momentum) {
    this.epsilon = epsilon;
    this.momentum = momentum;
    weight = register(factory.create("weight", new Constant(1), features));
    bias = register(factory.create("bias", Initializer.ZEROS, features));
    runningMean = registerBuffer("running_mean", factory.buffer(0, features));
    runningVariance = registerBuffer("running_var", factory.buffer(1, features));
    batches = registerBuffer("num_batches_tracked", factory.count());
  }

  /** Applies the layer to x of so many axes, the second of which is that of the features. */
  final Variable normalized(Variable x, int least, int most) {
    int rank = x.shape().rank();
    if (rank < least || rank > most || x.value().dim(1) != weight.value().dim(0)) {
      throw TensorException.mismatch(
          "batchNorm: expected x of "
              + least
              + " to "
              + most
              + " axes with "
              + weight.value().dim(0)
              + " features in the second, got "
              + x);
    }
    var statistics =
        new BatchNormalization.Statistics(
            runningMean, runningVariance, isTraining(), momentum, epsilon);
    Variable y = BatchNormalization.apply(x, weight, bias, statistics);
    if (isTraining()) {
      batches.setLong(0, batches.getLong(0) + 1);
    }
    return y;
  }
}
