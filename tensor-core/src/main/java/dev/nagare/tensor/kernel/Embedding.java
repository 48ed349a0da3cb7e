package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Tensor;

/**
 * Rows of a table by their numbers.
 *
 * <p>Numbers may have any dtype that holds them exactly, I32 and I64 above all; one that is no row
 * of the table is refused before anything is written.
 */
public interface Embedding {

  /**
   * {@code out[i] = weight[indices[i]]}.
   *
   * @param weight {@code [V, E]}
   * @param indices {@code [..]}, whole numbers from 0 to V - 1
   * @param out {@code [.., E]}
   */
  void forward(Tensor weight, Tensor indices, Tensor out);

  /**
   * {@code dWeight[indices[i]] += dy[i]}, in the order of i, so that the bits of a sum do not
   * change from run to run.
   *
   * @param indices as in the forward
   * @param dy {@code [.., E]}
   * @param paddingIndex a row that gets no gradient; -1 for none
   * @param dWeight {@code [V, E]}
   */
  void backward(Tensor indices, Tensor dy, long paddingIndex, Tensor dWeight);
}
