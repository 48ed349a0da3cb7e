package dev.nagare.loadtest.bench.duel;

import java.util.Locale;
import java.util.function.ToDoubleBiFunction;

/**
 * How alike the outputs of two sides must be before a time counts.
 *
 * @param steps first steps that are compared
 * @param most largest error
 * @param unit what the error is, for the row
 * @param error of the peer's outputs from ours; not a number where they cannot be compared
 */
public record Agreement(
    int steps, double most, String unit, ToDoubleBiFunction<float[], float[]> error) {
  private static final int LOSSES = 10;
  private static final int ANSWERS = 2;

  /** First losses of training from the same weights, each within a difference. */
  public static Agreement within(double most) {
    return new Agreement(LOSSES, most, "as largest difference", Agreement::difference);
  }

  /** Answers whose largest difference is at most a part of the largest output. */
  public static Agreement ofScale(double most) {
    return new Agreement(
        ANSWERS,
        most,
        "of the largest output",
        (ours, theirs) -> difference(ours, theirs) / Math.max(scale(ours), scale(theirs)));
  }

  /**
   * Rows of answers, each of at least a cosine.
   *
   * @param width elements of a row
   */
  public static Agreement cosine(double least, int width) {
    return new Agreement(
        ANSWERS,
        1 - least,
        "as cosine's distance from 1",
        (ours, theirs) -> distance(ours, theirs, width));
  }

  /** For results that say nothing. */
  public static Agreement none() {
    return new Agreement(0, 0, "", (ours, theirs) -> 0);
  }

  /** Whether an error is small enough; none that is not a number is. */
  boolean allows(double found) {
    return found <= most;
  }

  /** An error as a row says it. */
  String sentence(double found) {
    return String.format(Locale.ROOT, "outputs differ by %.2g %s", found, unit);
  }

  private static double difference(float[] ours, float[] theirs) {
    if (ours.length != theirs.length) {
      return Double.NaN;
    }
    double largest = 0;
    for (int i = 0; i < ours.length; i++) {
      largest = Math.max(largest, Math.abs((double) ours[i] - theirs[i]));
    }
    return largest;
  }

  private static double scale(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static double distance(float[] ours, float[] theirs, int width) {
    if (ours.length != theirs.length || ours.length % width != 0) {
      return Double.NaN;
    }
    double largest = 0;
    for (int from = 0; from < ours.length; from += width) {
      double product = 0;
      double our = 0;
      double their = 0;
      for (int i = from; i < from + width; i++) {
        product += (double) ours[i] * theirs[i];
        our += (double) ours[i] * ours[i];
        their += (double) theirs[i] * theirs[i];
      }
      largest = Math.max(largest, 1 - product / Math.sqrt(our * their));
    }
    return largest;
  }
}
