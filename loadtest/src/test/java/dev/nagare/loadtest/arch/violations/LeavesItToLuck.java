package dev.nagare.loadtest.arch.violations;

import java.util.Random;

/** Breaks the rule about random numbers. */
public final class LeavesItToLuck {
  private LeavesItToLuck() {}

  static float draw(Random random) {
    return random.nextFloat();
  }
}
