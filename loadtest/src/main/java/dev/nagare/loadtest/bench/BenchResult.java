package dev.nagare.loadtest.bench;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One figure, as it is written to JSON; what a figure does not have is left out.
 *
 * @param name unique in its suite
 * @param unit one of {@code x}, {@code fraction}, {@code s}, {@code 1/s}, {@code bytes}
 * @param ours median of our side; null if it was not measured, for the note's reason
 * @param peer median of the peer
 * @param peer_name library, version and setting of the peer
 * @param ratio median of the paired ratios; more than 1 means that ours is better
 * @param low lower end of the ratio's 95 % interval
 * @param high upper end of the ratio's 95 % interval
 * @param note what else a reader must know: machine, versions, tails
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BenchResult(
    String name,
    String unit,
    @Nullable Double ours,
    @Nullable Double peer,
    @Nullable String peer_name,
    @Nullable Double ratio,
    @Nullable Double low,
    @Nullable Double high,
    String note) {

  /** A figure without a peer. */
  public static BenchResult of(String name, String unit, double ours, String note) {
    return new BenchResult(name, unit, ours, null, null, null, null, null, note);
  }

  /**
   * A figure beside another, measured once.
   *
   * @param ratio more than 1 means that ours is better
   */
  public static BenchResult beside(
      String name,
      String unit,
      double ours,
      double peer,
      String peerName,
      double ratio,
      String note) {
    return new BenchResult(name, unit, ours, peer, peerName, ratio, null, null, note);
  }

  /** A figure that was not measured. */
  public static BenchResult missing(String name, String unit, String reason) {
    return new BenchResult(name, unit, null, null, null, null, null, null, reason);
  }
}
