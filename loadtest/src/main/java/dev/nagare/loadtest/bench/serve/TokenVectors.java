package dev.nagare.loadtest.bench.serve;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Locale;

/**
 * How alike answers to the same sentences must be before a rate counts. The vectors of all tokens
 * stand at the end of both sides' answers.
 */
enum TokenVectors {
  /** Two f32 engines sum in another order. */
  F32 {
    @Override
    double fault(FloatBuffer expected, FloatBuffer got) {
      double scale = 0;
      double error = 0;
      for (int i = 0; i < expected.remaining(); i++) {
        scale = Math.max(scale, Math.abs(expected.get(i)));
        error = Math.max(error, Math.abs(expected.get(i) - got.get(i)));
      }
      return error / scale / MOST_ERROR;
    }
  },
  /** BF16 rounds everything that lies between. */
  BF16 {
    @Override
    double fault(FloatBuffer expected, FloatBuffer got) {
      double product = 0;
      double theirs = 0;
      double ours = 0;
      for (int i = 0; i < expected.remaining(); i++) {
        product += (double) expected.get(i) * got.get(i);
        theirs += (double) expected.get(i) * expected.get(i);
        ours += (double) got.get(i) * got.get(i);
      }
      return (1 - product / Math.sqrt(theirs * ours)) / (1 - LEAST_COSINE);
    }
  };

  private static final double MOST_ERROR = 1e-3;
  private static final double LEAST_COSINE = 0.999;

  /** What separates two answers, over what may. */
  abstract double fault(FloatBuffer expected, FloatBuffer got);

  /**
   * Checks our answers against the peer's.
   *
   * @throws IOException that names the first sentence whose answers differ
   */
  void require(List<byte[]> ours, List<byte[]> theirs) throws IOException {
    for (int call = 0; call < ours.size(); call++) {
      FloatBuffer expected = floats(theirs.get(call), 0);
      FloatBuffer got = floats(ours.get(call), ours.get(call).length - 4 * expected.remaining());
      double fault = fault(expected, got);
      if (!(fault <= 1)) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "%s: the answers to sentence %d differ %.1f times as much as they may: no rate"
                    + " counts",
                this,
                call,
                fault));
      }
    }
  }

  private static FloatBuffer floats(byte[] bytes, int from) throws IOException {
    if (from < 0) {
      throw new IOException("an answer of " + bytes.length + " bytes is too short");
    }
    return ByteBuffer.wrap(bytes, from, bytes.length - from)
        .slice()
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer();
  }
}
