/**
 * The suite {@code learn}: how well and how fast models learn through the product itself, a broker
 * and servers as processes of their own.
 *
 * <p>Read {@link dev.nagare.loadtest.bench.learn.LearnSuite} first, then {@link
 * dev.nagare.loadtest.bench.learn.Stage}. Predictions are judged here, from what the learner wrote
 * into its topic: nothing that it says about itself is believed.
 */
@NullMarked
package dev.nagare.loadtest.bench.learn;

import org.jspecify.annotations.NullMarked;
