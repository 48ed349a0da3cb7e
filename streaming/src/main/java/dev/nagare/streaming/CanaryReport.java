package dev.nagare.streaming;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How a version that is tried does beside the one that answers the other requests, as far as this
 * process has seen it: counts are in memory, and a restart begins them anew.
 *
 * @param model tried
 * @param share of the requests without a version that it gets, or gets copies of
 * @param since when the counts began: with the trial, or with this process
 * @param stable the version that answers the others
 * @param canary the version that is tried
 * @param comparison of a shadow with the stable version; null of a canary
 */
public record CanaryReport(
    String model,
    double share,
    Instant since,
    Side stable,
    Side canary,
    @Nullable Comparison comparison) {

  /**
   * How one version does on its part of the requests.
   *
   * @param version that answers
   * @param requests that it got, but for those whose caller left; of a shadow copies that were not
   *     dropped
   * @param failures of them, refusals included
   * @param meanSeconds of those that were answered, waiting included; 0 before the first
   * @param labels given to its answers, one per row
   * @param right labels that were what it had predicted
   */
  public record Side(
      String version, long requests, long failures, double meanSeconds, long labels, long right) {}

  /**
   * What a shadow answered against what callers got.
   *
   * @param dropped copies that were not computed, for want of room or time
   * @param compared answers that have the same outputs, types and shapes
   * @param unlike answers that have not
   * @param rows of compared answers that have a likeliest class
   * @param agreeing rows for which it is the same
   * @param largestDifference between two numbers at the same place; infinite if only one of them is
   *     a number
   */
  public record Comparison(
      long dropped,
      long compared,
      long unlike,
      long rows,
      long agreeing,
      double largestDifference) {}
}
