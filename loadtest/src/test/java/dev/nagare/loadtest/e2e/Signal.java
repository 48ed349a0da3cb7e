package dev.nagare.loadtest.e2e;

import java.util.Locale;
import java.util.Random;

/** A seasonal, noisy load, the same for the same seed. */
final class Signal {
  private final Random random;
  private int t;

  Signal(long seed) {
    random = new Random(seed);
  }

  /** The next row: one value per feature of the stack, in units as unlike as real ones are. */
  float[] next() {
    double phase = 2 * Math.PI * t++ / 40;
    double load = 0.5 + 0.3 * Math.sin(phase) + 0.02 * random.nextGaussian();
    double temperature = 45 + 8 * Math.sin(phase - 1) + 0.5 * random.nextGaussian();
    double requests = 2e6 + 1e6 * Math.cos(phase) + 5e4 * random.nextGaussian();
    return new float[] {(float) load, (float) temperature, (float) requests};
  }

  /** An observation as {@code pulse.requests} takes it. */
  static String observation(float[] row) {
    return request(null, "row", "[1, " + row.length + "]", row);
  }

  /** A question about the row after a window. */
  static String question(String id, float[][] window) {
    float[] flat = new float[window.length * window[0].length];
    for (int i = 0; i < window.length; i++) {
      System.arraycopy(window[i], 0, flat, i * window[0].length, window[0].length);
    }
    return request(id, "window", "[1, " + window.length + ", " + window[0].length + "]", flat);
  }

  private static String request(
      @org.jspecify.annotations.Nullable String id, String input, String shape, float[] data) {
    var values = new StringBuilder();
    for (float value : data) {
      values.append(values.isEmpty() ? "" : ",").append(value);
    }
    return String.format(
        Locale.ROOT,
        "{%s\"inputs\":[{\"name\":\"%s\",\"shape\":%s,\"datatype\":\"FP32\",\"data\":[%s]}]}",
        id == null ? "" : "\"id\":\"" + id + "\",",
        input,
        shape,
        values);
  }
}
