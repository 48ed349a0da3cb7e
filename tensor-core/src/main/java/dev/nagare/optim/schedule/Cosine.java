package dev.nagare.optim.schedule;

/**
 * Falls from one rate to another along half a cosine and stays there: {@code last + (first - last)
 * · (1 + cos(π · step / steps)) / 2}. Source: Loshchilov and Hutter (2017); {@code
 * torch.optim.lr_scheduler.CosineAnnealingLR}, which would rise again.
 *
 * @param first rate of step 0
 * @param last rate from {@code steps} on
 * @param steps of the fall; 0 for none
 */
public record Cosine(double first, double last, long steps) implements LearningRate {

  public Cosine {
    if (steps < 0) {
      throw new IllegalArgumentException("cosine: steps must be 0 or more, got " + steps);
    }
  }

  @Override
  public double at(long step) {
    if (step >= steps) {
      return last;
    }
    double turn = StrictMath.cos(Math.PI * step / steps);
    return last + (first - last) * (1 + turn) / 2;
  }
}
