package dev.nagare.loadtest.bench.duel;

/**
 * One side of a comparison, inside its own JVM. Used by one thread.
 *
 * <p>Both sides start from the same weights and see the same inputs in the same order.
 */
public interface Workload extends AutoCloseable {

  /** Library, version and setting, for the row. */
  String description();

  /** Makes ready for the next step what is no part of it; not timed. */
  default void prepare() {}

  /** Does one step and returns a number of its result, such as the loss. */
  float step();

  /**
   * All that both sides must agree on after a step; not timed.
   *
   * @param result what the step returned
   */
  default float[] outputs(float result) {
    return new float[] {result};
  }

  @Override
  void close();
}
