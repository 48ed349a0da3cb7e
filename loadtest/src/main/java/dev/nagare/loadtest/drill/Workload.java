package dev.nagare.loadtest.drill;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.loadtest.drill.verify.InputLog;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * What a learner meets: a seasonal, noisy signal with jumps, spikes that a guard takes back,
 * questions in between, records that nobody can read, and a clock that is stepped back now and
 * then. The same for the same seed.
 */
final class Workload {
  private static final double POISON = 0.03;
  private static final double QUESTIONS = 0.03;
  private static final double SPIKES = 0.004;
  private static final double STEPS_BACK = 0.02;
  private static final long HOUR_MILLIS = 3_600_000;

  private static final List<String> POISONS =
      List.of(
          "not json",
          "{\"inputs\":[",
          "{\"inputs\":[]}",
          "{\"inputs\":[{\"name\":\"row\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2,3]}]}",
          "{\"inputs\":[{\"name\":\"row\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1]}]}",
          "{\"inputs\":[{\"name\":\"row\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[\"a\",2]}]}",
          "");

  private final SplittableRandom random;
  private final ArrayDeque<float[]> window = new ArrayDeque<>();
  private long timestampMillis;
  private double level = 20;
  private int t;

  /** One record to be sent. */
  @SuppressWarnings("ArrayRecordComponent") // a carrier; never compared
  record Entry(String kind, byte[] value, long timestampMillis) {}

  /**
   * Starts a stream.
   *
   * @param seed of everything in it but the time
   * @param startMillis timestamp of the first record
   */
  Workload(long seed, long startMillis) {
    random = new SplittableRandom(seed);
    timestampMillis = startMillis;
  }

  /** The next record. */
  Entry next() {
    double dice = random.nextDouble();
    if (dice < POISON) {
      return entry(InputLog.POISON, POISONS.get(random.nextInt(POISONS.size())));
    }
    if (dice < POISON + QUESTIONS && window.size() == DrillModel.WINDOW) {
      return entry(InputLog.QUESTION, question());
    }
    return row(dice > 1 - SPIKES);
  }

  /** The next record, a row without a spike: a stream must end in what a learner can wait for. */
  Entry lastRow() {
    return row(false);
  }

  private Entry row(boolean spike) {
    double phase = 2 * Math.PI * t++ / 48;
    if (random.nextDouble() < 0.01) {
      level += 4 * random.nextGaussian();
    }
    double value = level + 6 * Math.sin(phase) + 0.3 * random.nextGaussian();
    double flow = 900 + 300 * Math.cos(phase) + 20 * random.nextGaussian();
    float[] row = {(float) (spike ? value * 1e6 : value), (float) flow};
    if (!spike) {
      window.addLast(row);
      if (window.size() > DrillModel.WINDOW) {
        window.removeFirst();
      }
    }
    return entry(InputLog.ROW, request("row", "[1,2]", numbers(row)));
  }

  private String question() {
    String values = String.join(",", window.stream().map(Workload::numbers).toList());
    return request("window", "[1," + DrillModel.WINDOW + ",2]", values);
  }

  private static String numbers(float[] row) {
    return row[0] + "," + row[1];
  }

  private static String request(String input, String shape, String data) {
    return String.format(
        Locale.ROOT,
        "{\"inputs\":[{\"name\":\"%s\",\"shape\":%s,\"datatype\":\"FP32\",\"data\":[%s]}]}",
        input,
        shape,
        data);
  }

  private Entry entry(String kind, String value) {
    timestampMillis += 50;
    if (random.nextDouble() < STEPS_BACK) {
      timestampMillis -= random.nextLong(HOUR_MILLIS);
    }
    return new Entry(kind, value.getBytes(UTF_8), timestampMillis);
  }
}
