package dev.nagare.models.processing;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * From the scores of a row to its best labels.
 *
 * @param tensor name of the output, F32, one row for each question
 * @param labels of the classes in their order; empty if they have none
 * @param top how many are answered, 1 or more
 * @param softmax whether scores become probabilities first, over all classes
 */
public record Classes(String tensor, List<String> labels, int top, boolean softmax) {

  /**
   * A class of an answer.
   *
   * @param label of the class; its number if it has no label
   * @param index of the class
   * @param score as the model gave it, or after softmax
   */
  public record Scored(String label, int index, float score) {}

  /** Copies the list. */
  public Classes {
    labels = List.copyOf(labels);
  }

  /** The best of a row, best first; of equal ones, and of those that are no number, by index. */
  public List<Scored> best(float[] row) {
    float[] scores = softmax ? Softmax.of(row) : row;
    return IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> order(scores[i])).reversed())
        .limit(top)
        .map(i -> new Scored(label(i), i, scores[i]))
        .toList();
  }

  private static double order(float score) {
    return Float.isNaN(score) ? Double.NEGATIVE_INFINITY : score;
  }

  private String label(int index) {
    return index < labels.size() ? labels.get(index) : Integer.toString(index);
  }
}
