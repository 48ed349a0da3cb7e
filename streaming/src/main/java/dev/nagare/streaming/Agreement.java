package dev.nagare.streaming;

import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.InferenceResponse.Output;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How alike two answers to the same request are.
 *
 * @param rows that have a likeliest class: those of the first output of scores; 0 if there is none
 * @param agreeing rows for which it is the same
 * @param largestDifference between two numbers at the same place; infinite if only one of them is
 *     finite
 */
record Agreement(int rows, int agreeing, double largestDifference) {

  /** Compares; null if the answers have not the same outputs, types and shapes. */
  static @Nullable Agreement of(InferenceResponse one, InferenceResponse other) {
    List<Output> outputs = one.outputs();
    if (outputs.size() != other.outputs().size()) {
      return null;
    }
    double largest = 0;
    for (int i = 0; i < outputs.size(); i++) {
      Output a = outputs.get(i);
      Output b = other.outputs().get(i);
      if (!a.name().equals(b.name()) || a.dtype() != b.dtype() || !a.shape().equals(b.shape())) {
        return null;
      }
      largest = Math.max(largest, largest(a, b));
    }
    int[] classes = Predicted.classes(one);
    int[] others = Predicted.classes(other);
    if (classes == null || others == null) {
      return new Agreement(0, 0, largest);
    }
    int agreeing = 0;
    for (int row = 0; row < classes.length; row++) {
      agreeing += classes[row] == others[row] ? 1 : 0;
    }
    return new Agreement(classes.length, agreeing, largest);
  }

  private static double largest(Output a, Output b) {
    double largest = 0;
    for (int i = 0; i < a.elements(); i++) {
      double x = a.number(i);
      double y = b.number(i);
      boolean same = x == y || (Double.isNaN(x) && Double.isNaN(y));
      double difference = same ? 0 : Math.abs(x - y);
      largest = Math.max(largest, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
    }
    return largest;
  }
}
