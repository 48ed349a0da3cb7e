/**
 * The suite {@code train}: steps and operators of the tensor core against those of libtorch.
 *
 * <p>Read {@link dev.nagare.loadtest.bench.train.TrainSuite} first, then {@link
 * dev.nagare.loadtest.bench.duel.Duel}. A new row is a {@link
 * dev.nagare.loadtest.bench.duel.Workload} for each side and a line in {@code TrainSide}.
 */
@NullMarked
package dev.nagare.loadtest.bench.train;

import org.jspecify.annotations.NullMarked;
