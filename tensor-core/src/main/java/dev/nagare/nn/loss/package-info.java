/**
 * Losses: what a training step makes smaller.
 *
 * <p>Read {@link dev.nagare.nn.loss.Loss} first. Each is one differentiable operator whose gradient
 * is computed with its value.
 */
@NullMarked
package dev.nagare.nn.loss;

import org.jspecify.annotations.NullMarked;
