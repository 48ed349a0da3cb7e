package dev.nagare.models.online;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.Tensor;

/** A full batch as what a training step needs: per shard one sequence of rows with labels. */
interface Examples {

  /**
   * Prepares a shard.
   *
   * @return the network's inputs, F32 {@code [1, window - 1 + newest, inputs]}, valid until the
   *     next call; the last {@code newest} rows are the shard's own
   */
  Tensor inputs(int shard);

  /**
   * Mean loss of the last rows of the prepared shard.
   *
   * @param outputs the network's, of all rows
   * @param rows how many
   */
  Variable loss(Tape tape, Variable outputs, int rows);
}
