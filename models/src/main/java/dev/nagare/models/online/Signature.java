package dev.nagare.models.online;

import java.util.List;

/**
 * What a model asks for and answers: windows F32 {@code [rows, windowRows, values]} to answers F32
 * {@code [rows, outputShape..]}.
 *
 * @param windowRows rows that an answer looks back on, oldest first
 * @param values numbers in a row of a window: the features, and for a classifier the label of the
 *     row before it as a last one, {@link #NO_LABEL} if there was none
 * @param outputName {@code forecast} or {@code probabilities}
 * @param outputShape of one answer: {@code [features]} for a forecast of one row, {@code [horizon,
 *     features]} for more, {@code [classes]} for a classifier
 */
public record Signature(int windowRows, int values, String outputName, List<Integer> outputShape) {

  /** The previous label of the first row of a stream. */
  public static final float NO_LABEL = -1;

  public Signature {
    outputShape = List.copyOf(outputShape);
  }

  /** Numbers in one answer. */
  public int outputElements() {
    int product = 1;
    for (int i = 0; i < outputShape.size(); i++) {
      product *= outputShape.get(i);
    }
    return product;
  }
}
