package dev.nagare.models.online;

import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Tensor;

/**
 * An immutable set of weights, normaliser and target scale: what serving reads.
 *
 * <p>Counted: whoever uses it calls {@link #retain()} first and {@link #release()} after; memory
 * returns to the pool with the last release. Safe for any number of threads at once.
 */
public interface ModelSnapshot {

  /** Shapes of windows and answers. */
  Signature signature();

  /** The learner's step that this snapshot was taken at. */
  long version();

  /**
   * Answers each window: the forecast of the rows after it, or the probabilities of its last row's
   * classes. The answer to a window depends on nothing but that window and this snapshot; in
   * particular not on the other windows of the call. Allocates nothing but from the scope.
   *
   * @param windows raw values, F32 {@code [rows, windowRows, values]}, rows at least 1
   * @param answers receives raw values or probabilities, F32 {@code [rows, outputShape..]}
   * @param scope for temporaries; the caller resets it after the call
   */
  void answer(Tensor windows, Tensor answers, Scope scope);

  /** Takes a lease; false if the snapshot was already freed, in which case it must not be used. */
  boolean retain();

  /** Gives a lease back. */
  void release();
}
