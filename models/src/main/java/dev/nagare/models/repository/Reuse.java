package dev.nagare.models.repository;

/**
 * What is done so that what was asked before, or is asked by several at once, need not be computed
 * each time.
 *
 * @param cacheBytes most bytes of answers that a version remembers; 0 for none
 * @param coalesce whether callers who ask the same at the same time wait for one computation
 */
public record Reuse(long cacheBytes, boolean coalesce) {
  /** Everything is computed. */
  public static final Reuse NONE = new Reuse(0, false);

  /** Answers are remembered. */
  public static Reuse cache(long bytes) {
    return new Reuse(bytes, false);
  }
}
