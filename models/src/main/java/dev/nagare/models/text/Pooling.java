package dev.nagare.models.text;

import java.util.Arrays;

/**
 * One vector of the vectors of a text's tokens: {@code [tokens, width] -> [width]}.
 *
 * <p>Source: the pooling modes of sentence-transformers. Sums are in double, in the order of the
 * tokens.
 */
public enum Pooling {
  /** The mean of the tokens that the mask shows ({@code pooling_mode_mean_tokens}). */
  MEAN {
    @Override
    float[] pooled(float[] values, int from, int tokens, int width) {
      double[] sums = new double[width];
      for (int i = 0; i < tokens * width; i++) {
        sums[i % width] += values[from + i];
      }
      float[] mean = new float[width];
      for (int i = 0; i < width; i++) {
        mean[i] = (float) (sums[i] / tokens);
      }
      return mean;
    }
  },
  /** The first token's, which is {@code [CLS]} ({@code pooling_mode_cls_token}). */
  CLS {
    @Override
    float[] pooled(float[] values, int from, int tokens, int width) {
      return first(values, from, width);
    }
  },
  /** The largest of each element ({@code pooling_mode_max_tokens}). */
  MAX {
    @Override
    float[] pooled(float[] values, int from, int tokens, int width) {
      float[] most = first(values, from, width);
      for (int i = width; i < tokens * width; i++) {
        most[i % width] = Math.max(most[i % width], values[from + i]);
      }
      return most;
    }
  },
  /** For models that give one vector for each text already. */
  NONE {
    @Override
    float[] pooled(float[] values, int from, int tokens, int width) {
      return first(values, from, width);
    }
  };

  abstract float[] pooled(float[] values, int from, int tokens, int width);

  private static float[] first(float[] values, int from, int width) {
    return Arrays.copyOfRange(values, from, from + width);
  }

  /**
   * Pools one text.
   *
   * @param values of many tokens, row-major
   * @param from where the text's first token begins
   * @param tokens of the text, without what only fills up
   * @param width elements of a vector
   * @throws IllegalArgumentException if there is no token or a part of one
   */
  public float[] of(float[] values, int from, int tokens, int width) {
    if (width <= 0 || tokens <= 0 || from < 0 || values.length - from < (long) tokens * width) {
      throw new IllegalArgumentException(
          "pooling: expected "
              + tokens
              + " tokens of "
              + width
              + " elements, at least one, got "
              + (values.length - from)
              + " elements");
    }
    return pooled(values, from, tokens, width);
  }
}
