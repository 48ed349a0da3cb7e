package dev.nagare.models.online;

import java.util.List;

/**
 * What a model takes and gives.
 *
 * @param window rows in a window
 * @param inputs values in a window's row
 * @param outputName name of the answer's tensor: {@code forecast} or {@code probabilities}
 * @param outputShape shape of one answer
 */
public record Signature(int window, int inputs, String outputName, List<Long> outputShape) {

  /** Values in one answer. */
  public int outputs() {
    long values = 1;
    for (long size : outputShape) {
      values *= size;
    }
    return Math.toIntExact(values);
  }
}
