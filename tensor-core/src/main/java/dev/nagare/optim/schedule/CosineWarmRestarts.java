package dev.nagare.optim.schedule;

/**
 * Falls as {@link Cosine} does, again and again, each time from the top. Source: Loshchilov and
 * Hutter (2017), SGDR; {@code torch.optim.lr_scheduler.CosineAnnealingWarmRestarts}.
 *
 * @param first rate at the beginning of each fall
 * @param last rate that a fall approaches
 * @param period steps of the first fall, more than 0
 * @param multiplier length of each fall in terms of the one before, 1 or more
 */
public record CosineWarmRestarts(double first, double last, long period, int multiplier)
    implements LearningRate {

  public CosineWarmRestarts {
    if (period <= 0 || multiplier < 1) {
      throw new IllegalArgumentException(
          "cosine with warm restarts: expected a period > 0 and a multiplier >= 1, got "
              + period
              + " and "
              + multiplier);
    }
  }

  @Override
  public double at(long step) {
    long length = period;
    long within = step;
    if (multiplier == 1) {
      within = step % period;
    }
    while (within >= length) {
      within -= length;
      length = length > Long.MAX_VALUE / multiplier ? Long.MAX_VALUE : length * multiplier;
    }
    return new Cosine(first, last, length).at(within);
  }
}
