package dev.nagare.tensor;

/**
 * Random numbers that are a function of (seed, step, stream, index): there is no state to save, and
 * any number can be had without those before it.
 *
 * <p>Philox-4x32 with 10 rounds, as in Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
 * easy as 1, 2, 3" (2011). The key is the seed; the counter is index, stream and step. Immutable.
 *
 * @param seed chosen by the user
 * @param step of training; 0 for first values
 * @param stream which consumer of the step: two consumers of one stream would see the same numbers
 */
public record CounterRandom(long seed, long step, int stream) {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  /** The number at a position, uniform in [0, 1), a multiple of 2⁻⁵³. */
  public double uniform(int index) {
    int[] block = {index, stream, (int) step, (int) (step >>> 32)};
    philox(block, (int) seed, (int) (seed >>> 32));
    return uniform(block, 0);
  }

  /** The number that two random words make, {@code words[first]} and the next, as in the other. */
  public static double uniform(int[] words, int first) {
    long bits =
        Integer.toUnsignedLong(words[first]) << 32 | Integer.toUnsignedLong(words[first + 1]);
    return (bits >>> 11) * 0x1.0p-53;
  }

  /** Fills {@code words} with the four random words of a position: four numbers for one's price. */
  public void words(int index, int[] words) {
    words[0] = index;
    words[1] = stream;
    words[2] = (int) step;
    words[3] = (int) (step >>> 32);
    philox(words, (int) seed, (int) (seed >>> 32));
  }

  /** Replaces the counter in {@code block} by its four random words. */
  static void philox(int[] block, int key0, int key1) {
    int k0 = key0;
    int k1 = key1;
    for (int round = 0; round < ROUNDS; round++) {
      long p0 = MULTIPLIER_0 * Integer.toUnsignedLong(block[0]);
      long p1 = MULTIPLIER_1 * Integer.toUnsignedLong(block[2]);
      int x0 = (int) (p1 >>> 32) ^ block[1] ^ k0;
      int x2 = (int) (p0 >>> 32) ^ block[3] ^ k1;
      block[0] = x0;
      block[1] = (int) p1;
      block[2] = x2;
      block[3] = (int) p0;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
  }
}
