package dev.nagare.nn.init;

/** Numbers from the random words of one position. */
final class Words {
  private Words() {}

  /** Uniform in [0, 1), a multiple of 2⁻⁵³, from two words. */
  static double uniform(int[] words, int first) {
    long bits =
        Integer.toUnsignedLong(words[first]) << 32 | Integer.toUnsignedLong(words[first + 1]);
    return (bits >>> 11) * 0x1.0p-53;
  }
}
