package dev.nagare.models.online;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.Tensor;

/** A full batch as what a training step needs: per shard one or more sequences with labels. */
interface Examples {

  /**
   * Prepares a shard.
   *
   * @return the network's inputs, F32 {@code [sequences, rows, inputs]}, valid until the next call;
   *     the last {@link #newest} rows of each sequence are the shard's own
   */
  Tensor inputs(int shard);

  /** How many rows at the end of each sequence are the shard's own. */
  int newest();

  /**
   * Mean loss of the last rows of the prepared shard.
   *
   * @param outputs the network's, of all rows
   * @param rows how many
   */
  Variable loss(Tape tape, Variable outputs, int rows);
}
