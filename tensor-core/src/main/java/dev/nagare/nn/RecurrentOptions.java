package dev.nagare.nn;

import dev.nagare.tensor.TensorException;

/**
 * How recurrent layers are stacked.
 *
 * @param layers one upon the other, at least 1
 * @param bidirectional whether each has a second part that reads from the end to the first step,
 *     and whose states stand beside the first's
 * @param dropout fraction of a layer's result that the next is not shown in training, from 0 up to
 *     but not including 1
 */
public record RecurrentOptions(int layers, boolean bidirectional, double dropout) {
  /** One layer, one direction. */
  public static final RecurrentOptions PLAIN = new RecurrentOptions(1, false, 0);

  public RecurrentOptions {
    if (layers < 1 || !(dropout >= 0 && dropout < 1)) {
      throw TensorException.mismatch(
          "recurrent: expected 1 layer or more and dropout in [0, 1), got "
              + layers
              + " and "
              + dropout);
    }
  }

  /** The same with another number of layers. */
  public RecurrentOptions withLayers(int number) {
    return new RecurrentOptions(number, bidirectional, dropout);
  }

  /** The same with one direction or both. */
  public RecurrentOptions withBidirectional(boolean both) {
    return new RecurrentOptions(layers, both, dropout);
  }

  /** The same with dropout between the layers. */
  public RecurrentOptions withDropout(double fraction) {
    return new RecurrentOptions(layers, bidirectional, fraction);
  }
}
