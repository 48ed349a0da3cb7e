package dev.nagare.nn;

import dev.nagare.autograd.Variable;
import dev.nagare.tensor.TensorException;
import org.jspecify.annotations.Nullable;

/**
 * Leaves out a fraction of the elements in training and scales the others by {@code 1 / (1 -
 * fraction)}; in {@link Module#eval() evaluation} it is the operand itself.
 *
 * <p>Shapes: {@code S -> S}. Dtypes: F32, F64. Gradient: through the elements that stayed. Which
 * ones is a function of the {@link Streams} of the step, never of what was drawn before: hand them
 * over, or {@link #streams(Streams) set them} before a step where the layer is part of a {@link
 * Sequential}. Not thread-safe. Errors: training without streams is refused. Source: Srivastava et
 * al. (2014); {@code torch.nn.Dropout}, whose random numbers are global.
 */
public final class Dropout extends Module implements Layer {
  private final double fraction;
  private @Nullable Streams streams;

  /**
   * Creates a layer.
   *
   * @param fraction from 0 up to but not including 1
   */
  public Dropout(double fraction) {
    if (!(fraction >= 0 && fraction < 1)) {
      throw TensorException.mismatch(
          "dropout: the fraction must be from 0 up to but not including 1, got " + fraction);
    }
    this.fraction = fraction;
  }

  /** Takes the next stream of these at each forward from here on; a step has streams of its own. */
  public void streams(@Nullable Streams ofStep) {
    streams = ofStep;
  }

  @Override
  public Variable forward(Variable x) {
    return forward(x, streams);
  }

  /** Applies the layer with the next of these streams; null will do where nothing is left out. */
  public Variable forward(Variable x, @Nullable Streams ofStep) {
    if (!isTraining() || fraction == 0) {
      return x;
    }
    if (ofStep == null) {
      throw new IllegalStateException(
          "dropout: training needs random numbers, got no streams; give them to forward, or call"
              + " streams(new Streams(seed, step)) before the step, or eval()");
    }
    return x.dropout(fraction, ofStep.next());
  }
}
