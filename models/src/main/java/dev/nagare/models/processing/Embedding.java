package dev.nagare.models.processing;

import dev.nagare.models.text.Pooling;
import dev.nagare.models.text.SentenceVectors;

/**
 * From an output to one vector for each row.
 *
 * @param tensor name of the output, F32: {@code [rows, tokens, width]}, or {@code [rows, width]} if
 *     nothing is pooled
 * @param pooling how the tokens' vectors become one
 * @param normalize whether vectors get length 1
 */
public record Embedding(String tensor, Pooling pooling, boolean normalize) {

  /**
   * The vector of a row.
   *
   * @param values of the whole output
   * @param from where the row begins
   * @param tokens of the row, without what only fills up; 1 if nothing is pooled
   * @param width of a vector
   */
  public float[] of(float[] values, int from, int tokens, int width) {
    float[] pooled = pooling.of(values, from, tokens, width);
    return normalize ? SentenceVectors.unit(pooled) : pooled;
  }
}
