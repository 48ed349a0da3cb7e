/**
 * Learning rates as pure functions of the step: there is no state to save. The one exception is
 * {@link dev.nagare.optim.schedule.ReduceOnPlateau}, which answers to a metric.
 *
 * <p>Read {@link dev.nagare.optim.schedule.LearningRate} first. Curves use StrictMath, so the rate
 * of a step has the same bits everywhere.
 */
@NullMarked
package dev.nagare.optim.schedule;

import org.jspecify.annotations.NullMarked;
