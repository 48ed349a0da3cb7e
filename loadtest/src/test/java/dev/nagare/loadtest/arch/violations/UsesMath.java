package dev.nagare.loadtest.arch.violations;

/** Breaks the rule about Math's functions. */
public final class UsesMath {
  private UsesMath() {}

  static double exp(double x) {
    return Math.exp(Math.sqrt(x));
  }
}
