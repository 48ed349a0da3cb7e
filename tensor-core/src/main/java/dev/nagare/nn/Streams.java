package dev.nagare.nn;

import dev.nagare.tensor.CounterRandom;

/**
 * Random numbers of one training step: layers with dropout take one stream after the other, so what
 * they leave out is a function of the seed, the step and the order of the layers.
 *
 * <p>Not thread-safe; make one for each step.
 */
public final class Streams {
  private final long seed;
  private final long step;
  private int taken;

  /** The streams of a step. */
  public Streams(long seed, long step) {
    this.seed = seed;
    this.step = step;
  }

  /** The next stream. */
  public CounterRandom next() {
    return new CounterRandom(seed, step, taken++);
  }
}
