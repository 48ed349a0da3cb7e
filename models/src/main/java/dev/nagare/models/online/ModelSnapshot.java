package dev.nagare.models.online;

/**
 * An immutable set of weights, normaliser and target scale: what serving reads.
 *
 * <p>Counted: whoever uses it calls {@link #retain()} first and {@link #release()} after; memory
 * returns to the pool with the last release. Safe for any number of threads at once.
 */
public interface ModelSnapshot {

  /** The learner's step that this snapshot was taken at. */
  long version();

  /** Number of rows in a window. */
  int window();

  /** Number of values in a row. */
  int features();

  /**
   * Forecasts the row after each window. The result of a window depends on nothing but that window
   * and this snapshot; in particular not on the other windows of the call.
   *
   * @param windows {@code rows} windows of raw values, row-major {@code [rows, window, features]}
   * @param rows number of windows, at least 1
   * @param forecasts receives {@code [rows, features]}, raw units
   */
  void forecast(float[] windows, int rows, float[] forecasts);

  /** Takes a lease; false if the snapshot was already freed, in which case it must not be used. */
  boolean retain();

  /** Gives a lease back. */
  void release();
}
