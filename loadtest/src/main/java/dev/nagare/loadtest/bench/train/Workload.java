package dev.nagare.loadtest.bench.train;

/**
 * One side of a comparison, inside its own JVM. Used by one thread.
 *
 * <p>Both sides start from the same weights and see the same inputs in the same order.
 */
interface Workload extends AutoCloseable {

  /** Library, version and setting, for the row. */
  String description();

  /** Makes ready for the next step what is no part of it; not timed. */
  default void prepare() {}

  /** Does one step and returns a number that both sides must agree on, such as the loss. */
  float step();

  @Override
  void close();
}
