/**
 * Duels: a time of ours against that of a peer, each side in a JVM of its own.
 *
 * <p>Read {@link dev.nagare.loadtest.bench.duel.Duel} first. What is timed is a {@link
 * dev.nagare.loadtest.bench.duel.Workload}; a {@link dev.nagare.loadtest.bench.duel.Side} says how
 * its JVM gets one.
 */
@NullMarked
package dev.nagare.loadtest.bench.duel;

import org.jspecify.annotations.NullMarked;
