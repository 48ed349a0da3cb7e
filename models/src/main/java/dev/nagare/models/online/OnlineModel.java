package dev.nagare.models.online;

import java.io.DataInput;
import java.io.IOException;

/**
 * A model that scores each row before it learns from it.
 *
 * <p>The state after row {@code k} is a function of the configuration, rows {@code 1..k} and the
 * kernel id alone. {@link #version()} counts optimizer steps, those that were taken back among
 * them, so a version names the same bits for ever.
 *
 * <p>Not thread-safe: one learner thread owns it. Serving reads {@link #snapshot()} instead.
 */
public interface OnlineModel extends AutoCloseable {

  /** Number of values that {@link #observe} takes: the features, and a classifier's label. */
  int width();

  /** Shapes of windows and answers. */
  Signature signature();

  /** Optimizer steps so far: 0 for a fresh model. */
  long version();

  /** What the bits depend on, besides configuration and rows. */
  String kernelId();

  /**
   * Predicts, scores and learns one row.
   *
   * <p>A forecaster scores what it had forecast for the rows up to this one, learns from them, and
   * forecasts those after it. A classifier predicts this row's label from the window that ends with
   * its features, scores that, and learns. With a batch of several rows the optimizer steps at the
   * batch's last row; a batch that is not full is part of the state.
   *
   * @param row exactly {@link #width()} finite values, features first; copied
   * @param position of the record in its log; kept for the batch, so that a quarantine can name it
   * @return a view that is valid until the next call; copy what must last
   * @throws IllegalArgumentException if the row has another length, a value that is not finite or a
   *     label that is no class; nothing has changed then
   */
  StepReport observe(float[] row, long position);

  /** An immutable copy of weights, normaliser and target scale; the caller owns one reference. */
  ModelSnapshot snapshot();

  /** Runs the kernels on scratch data until they are compiled; leaves the state as it was. */
  void warmUp();

  /**
   * Writes everything that the next step depends on, in named sections. The matching read is a
   * static factory of the implementation, which refuses a state of another configuration.
   */
  void save(StateOutput out) throws IOException;

  /**
   * Goes back to the weights, the optimizer and the scales of a saved state, and warms up again.
   * Rows, scores and guards go on: it counts as a step, with a version of its own that answers as
   * the saved one did.
   *
   * @param state what {@link #save} wrote, of this model or one of its configuration
   * @throws IllegalArgumentException if it was written with another configuration
   * @throws IOException if it is damaged; nothing has changed then
   */
  void rollBack(DataInput state) throws IOException;

  /** SHA-256 over the bytes that {@link #save} writes, in lower-case hexadecimal. */
  String stateHash();

  /** Frees the off-heap state; later calls throw. */
  @Override
  void close();
}
