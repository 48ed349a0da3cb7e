package dev.nagare.server.demo.telemetry;

import java.util.HashMap;
import java.util.Map;

/**
 * Sums what the counters of many devices gained since the last read, per second.
 *
 * <p>Device by device: one that appears counts from its second read, one that vanishes adds
 * nothing, and a counter that was reset or has wrapped adds nothing once.
 */
final class ByteRates {
  private final Map<String, long[]> seen = new HashMap<>();
  private long in;
  private long out;

  /** Begins a read. */
  void begin() {
    in = 0;
    out = 0;
  }

  /** Adds a device's counters. */
  void add(String device, long inBytes, long outBytes) {
    long[] last = seen.putIfAbsent(device, new long[] {inBytes, outBytes});
    if (last != null) {
      in += Math.max(0, inBytes - last[0]);
      out += Math.max(0, outBytes - last[1]);
      last[0] = inBytes;
      last[1] = outBytes;
    }
  }

  /** Ends a read: writes bytes a second, in and out, to two places of the row. */
  void end(float[] row, int at, long elapsedNanos) {
    double perSecond = 1e9 / elapsedNanos;
    row[at] = (float) (in * perSecond);
    row[at + 1] = (float) (out * perSecond);
  }
}
