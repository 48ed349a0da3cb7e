/**
 * First values of parameters, from random numbers that are a function of their position.
 *
 * <p>Read {@link dev.nagare.tensor.CounterRandom} first: no generator here has a state, so a step
 * number is all that a checkpoint needs.
 */
@NullMarked
package dev.nagare.nn.init;

import org.jspecify.annotations.NullMarked;
