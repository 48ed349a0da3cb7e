package dev.nagare.loadtest.arch.violations;

/** Breaks the rule about clocks. */
public final class AsksTheClock {
  private AsksTheClock() {}

  static long now() {
    return System.nanoTime();
  }
}
