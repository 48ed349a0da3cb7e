package dev.nagare.models.image;

/**
 * Which pixels of a line become which new ones, with what weights: fixed-point numbers of {@link
 * #BITS} bits that add up to about 1.
 *
 * @param first of the old pixels, for each new one
 * @param weights of those from the first on, for each new one
 */
@SuppressWarnings("ArrayRecordComponent") // inside one resize, compared by nobody
record Taps(int[] first, int[][] weights) {
  /** What a product of 8 bits leaves of an int, and two for sums beyond the range of a pixel. */
  static final int BITS = 32 - 8 - 2;

  /**
   * Weights for a part of a line.
   *
   * @param from pixels of the old line
   * @param to pixels that the whole new line would have
   * @param start of the part
   * @param count pixels of the part
   */
  static Taps of(int from, long to, long start, int count, Resample resample, boolean antialias) {
    double scale = (double) from / to;
    // Where a line gets shorter, all its pixels have a say, not only those near the centre.
    double filter = antialias ? Math.max(1, scale) : 1;
    double support = resample.support() * filter;
    int[] first = new int[count];
    int[][] weights = new int[count][];
    for (int i = 0; i < count; i++) {
      double centre = (start + i + 0.5) * scale;
      if (resample == Resample.NEAREST) {
        first[i] = Math.min((int) centre, from - 1);
        weights[i] = new int[] {1 << BITS};
        continue;
      }
      int low = Math.max(0, (int) (centre - support + 0.5));
      int high = Math.min(from, (int) (centre + support + 0.5));
      double[] exact = new double[high - low];
      double sum = 0;
      for (int x = 0; x < exact.length; x++) {
        exact[x] = resample.weight((x + low - centre + 0.5) * (1 / filter));
        sum += exact[x];
      }
      first[i] = low;
      weights[i] = new int[exact.length];
      for (int x = 0; x < exact.length; x++) {
        double weight = (sum == 0 ? 0 : exact[x] / sum) * (1 << BITS);
        weights[i][x] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
      }
    }
    return new Taps(first, weights);
  }

  /** A sum of weighted pixels as a pixel. */
  static int rounded(int sum) {
    return Math.clamp((sum + (1 << (BITS - 1))) >> BITS, 0, 255);
  }
}
