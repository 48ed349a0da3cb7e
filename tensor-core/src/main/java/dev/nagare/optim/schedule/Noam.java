package dev.nagare.optim.schedule;

/**
 * The Transformer's schedule, linear up, then down with the root: {@code factor · width^-½ ·
 * min(s^-½, s · warmUp^-3/2)} with {@code s = step + 1}. It peaks at {@code s = warmUp} with {@code
 * factor / √(width · warmUp)}. Source: Vaswani et al. (2017), 5.3; in PyTorch a {@code LambdaLR}.
 *
 * @param width of the model, more than 0
 * @param warmUp steps of the rise, more than 0; 4,000 in the paper
 * @param factor on all rates; 1 in the paper
 */
public record Noam(long width, long warmUp, double factor) implements LearningRate {

  public Noam {
    if (width <= 0 || warmUp <= 0) {
      throw new IllegalArgumentException(
          "noam: expected a width > 0 and a warm-up > 0, got " + width + " and " + warmUp);
    }
  }

  @Override
  public double at(long step) {
    double count = step + 1.0;
    double rise = count / (warmUp * StrictMath.sqrt((double) warmUp));
    return factor / StrictMath.sqrt((double) width) * Math.min(1 / StrictMath.sqrt(count), rise);
  }
}
