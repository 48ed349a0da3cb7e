package dev.nagare.optim.schedule;

/**
 * One rise and one long fall, each along half a cosine: from {@code peak / startDivisor} to {@code
 * peak}, reached at step {@code rise · steps - 1}, and down to {@code peak / (startDivisor ·
 * endDivisor)} at step {@code steps - 1}, where it stays. Source: Smith and Topin (2018); {@code
 * torch.optim.lr_scheduler.OneCycleLR} with its two phases and cosine annealing; momentum is not
 * cycled, and a step past the end is no error.
 *
 * @param peak largest rate
 * @param steps of the whole cycle, 2 or more
 * @param rise fraction of the steps that rise, in [0, 1)
 * @param startDivisor how far the first rate is below the peak, more than 0
 * @param endDivisor how far the last rate is below the first, more than 0
 */
public record OneCycle(double peak, long steps, double rise, double startDivisor, double endDivisor)
    implements LearningRate {

  public OneCycle {
    if (steps < 2 || !(rise >= 0 && rise < 1) || !(startDivisor > 0 && endDivisor > 0)) {
      throw new IllegalArgumentException(
          "one-cycle: expected steps >= 2, a rise in [0, 1) and divisors > 0, got "
              + steps
              + ", "
              + rise
              + ", "
              + startDivisor
              + ", "
              + endDivisor);
    }
  }

  /** The cycle with PyTorch's defaults: a rise of 0.3, divisors 25 and 10,000. */
  public OneCycle(double peak, long steps) {
    this(peak, steps, 0.3, 25, 1e4);
  }

  @Override
  public double at(long step) {
    double start = peak / startDivisor;
    double end = start / endDivisor;
    double top = rise * steps - 1;
    if (step >= steps - 1) {
      return end;
    }
    return step < top
        ? between(start, peak, step / top)
        : between(peak, end, (step - top) / (steps - 1 - top));
  }

  private static double between(double from, double to, double fraction) {
    return to + (from - to) * (1 + StrictMath.cos(Math.PI * fraction)) / 2;
  }
}
