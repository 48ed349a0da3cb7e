package dev.nagare.models.online;

import java.io.DataOutput;
import java.io.IOException;

/**
 * A forecaster that scores each row before it learns from it.
 *
 * <p>The state after row {@code k} is a function of the configuration and rows {@code 1..k} alone.
 * {@link #version()} counts optimizer steps, so a version names the same bits for ever.
 *
 * <p>Not thread-safe: one learner thread owns it. Serving reads {@link #snapshot()} instead.
 */
public interface OnlineModel extends AutoCloseable {

  /** Values in a row. */
  int width();

  /** What its snapshots take and give. */
  Signature signature();

  /** What the bits depend on, besides configuration and rows. */
  String kernelId();

  /** Optimizer steps taken so far: 0 for a fresh model. */
  long version();

  /**
   * Scores the forecast that was made for this row, learns from the row, and forecasts the next.
   *
   * @param row exactly {@link #width()} finite values; copied
   * @param position of the row in its log, kept to name it if it is quarantined
   * @return a view that is valid until the next call; copy what must last
   * @throws IllegalArgumentException if the row has another length or a value that is not finite
   */
  StepReport observe(float[] row, long position);

  /** An immutable copy of weights, normaliser and target scale; the caller owns one reference. */
  ModelSnapshot snapshot();

  /** Runs the kernels on scratch data until they are compiled; leaves the state as it was. */
  void warmUp();

  /**
   * Writes everything that the next step depends on. The matching read is a static factory of the
   * implementation, which refuses a state of another configuration.
   */
  void save(DataOutput out) throws IOException;

  /** SHA-256 over the bytes that {@link #save} writes, in lower-case hexadecimal. */
  String stateHash();

  /** Frees the off-heap state; later calls throw. */
  @Override
  void close();
}
