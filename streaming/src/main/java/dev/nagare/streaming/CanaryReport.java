package dev.nagare.streaming;

import java.time.Instant;

/**
 * How a canary does beside the version that answers the other requests, as far as this process has
 * seen it: counts are in memory, and a restart begins them anew.
 *
 * @param model tried
 * @param share of the requests without a version that the canary gets
 * @param since when the counts began: with the canary, or with this process
 * @param stable the version that answers the others
 * @param canary the version that is tried
 */
public record CanaryReport(String model, double share, Instant since, Side stable, Side canary) {

  /**
   * How one version does on its part of the requests.
   *
   * @param version that answers
   * @param requests that it got, but for those whose caller left
   * @param failures of them, refusals included
   * @param meanSeconds of those that were answered, waiting included; 0 before the first
   * @param labels given to its answers, one per row
   * @param right labels that were what it had predicted
   */
  public record Side(
      String version, long requests, long failures, double meanSeconds, long labels, long right) {}
}
