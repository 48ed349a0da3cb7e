package dev.nagare.graph.plan;

import dev.nagare.tensor.TensorException;

/**
 * The row counts for which there are plans: 2, 4, 8, 16, then steps of at most 12 %, so that few
 * plans serve every count and padding costs little. One row is not among them, since it may have
 * other bits alone; {@link Plans} finds out.
 */
public final class Buckets {
  private Buckets() {}

  /** The smallest bucket that holds so many rows. */
  public static long of(long rows) {
    if (rows < 1) {
      throw TensorException.mismatch("buckets: expected 1 row or more, got " + rows);
    }
    long bucket = 2;
    while (bucket < rows) {
      bucket = next(bucket);
    }
    return bucket;
  }

  /** The bucket after this one. */
  public static long next(long bucket) {
    return bucket < 16 ? 2 * bucket : bucket + bucket * 12 / 100;
  }
}
