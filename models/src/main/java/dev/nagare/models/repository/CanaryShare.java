package dev.nagare.models.repository;

/**
 * A version that is tried on a part of the requests that name no version.
 *
 * @param version that is tried
 * @param share of the requests, above 0, at most 1; in millionths, finer ones are rounded
 * @param shadow whether it gets copies of them, whose answers nobody gets; else it answers them
 */
public record CanaryShare(long version, double share, boolean shadow) {
  private static final int WHOLE = 1_000_000;

  /** A canary. */
  public CanaryShare(long version, double share) {
    this(version, share, false);
  }

  /** Checks the numbers. */
  public CanaryShare {
    if (version < 1 || !(share > 0 && share <= 1)) {
      throw new IllegalArgumentException(
          role(shadow)
              + ": expected a version of at least 1 and a share above 0, at most 1, got "
              + version
              + " and "
              + share);
    }
  }

  /** What the version is: {@code canary} or {@code shadow}. */
  public String role() {
    return role(shadow);
  }

  private static String role(boolean shadow) {
    return shadow ? "shadow" : "canary";
  }

  /**
   * Whether the version gets the n-th request. Among any n requests in a row it gets n times the
   * share, to the next whole number above or below.
   *
   * @param turn number of the request, from 0
   */
  public boolean takes(long turn) {
    long millionths = Math.max(1, Math.round(share * WHOLE));
    long at = Math.floorMod(turn, WHOLE); // a whole period, so that nothing overflows
    return (at + 1) * millionths / WHOLE > at * millionths / WHOLE;
  }
}
