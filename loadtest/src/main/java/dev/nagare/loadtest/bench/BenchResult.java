package dev.nagare.loadtest.bench;

/**
 * One figure, as it is written to JSON.
 *
 * @param name unique in its suite
 * @param unit one of {@code x}, {@code fraction}, {@code s}, {@code 1/s}, {@code bytes}
 * @param ours median of our side
 * @param peer median of the peer
 * @param peer_name library, version and setting of the peer
 * @param ratio median of the paired ratios; more than 1 means that ours is better
 * @param low lower end of the ratio's 95 % interval
 * @param high upper end of the ratio's 95 % interval
 * @param note what else a reader must know: machine, versions, tails
 */
public record BenchResult(
    String name,
    String unit,
    double ours,
    double peer,
    String peer_name,
    double ratio,
    double low,
    double high,
    String note) {}
