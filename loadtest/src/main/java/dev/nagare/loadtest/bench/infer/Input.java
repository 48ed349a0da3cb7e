package dev.nagare.loadtest.bench.infer;

/** An input of a request, row-major. */
sealed interface Input {
  /** Its name in the model. */
  String name();

  /** Its sizes. */
  long[] dims();

  /**
   * Of floats.
   *
   * @param name in the model
   * @param dims sizes
   * @param values row-major
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares two
  record Floats(String name, long[] dims, float[] values) implements Input {}

  /**
   * Of whole numbers.
   *
   * @param name in the model
   * @param dims sizes
   * @param values row-major
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares two
  record Longs(String name, long[] dims, long[] values) implements Input {}
}
