package dev.nagare.streaming.protocol;

import java.math.BigInteger;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The parameters whose meaning the protocol or its best known server has fixed; all others are the
 * caller's own and mean nothing here. Source: the parameters and schedule policy extensions of
 * Triton.
 *
 * @param binaryOutputs {@code binary_data_output}: whether outputs are wanted as bytes
 * @param timeoutMicros {@code timeout}: how long the answer is of use, microseconds; 0 for no limit
 * @param priority {@code priority}: 1 is the highest; 0 for the default
 */
public record ReservedParameters(boolean binaryOutputs, long timeoutMicros, long priority) {
  /** Beyond it there is no limit: readings of a clock so far away cannot be compared. */
  private static final long LONGEST_MICROS = TimeUnit.DAYS.toMicros(10_000);

  private static final ReservedParameters NONE = new ReservedParameters(false, 0, 0);

  /**
   * Those of a request.
   *
   * @throws ProtocolException status 400 if one is of the wrong kind; 501 if it asks for state
   *     between requests
   */
  public static ReservedParameters of(Map<String, Object> parameters) {
    if (parameters.isEmpty()) {
      return NONE;
    }
    requireNoSequence(parameters);
    return new ReservedParameters(
        flag(parameters, "", "binary_data_output", false),
        whole(parameters, "", "timeout", 0),
        whole(parameters, "", "priority", 0));
  }

  /** How long the answer is of use, nanoseconds; 0 for no limit, and for thirty years or more. */
  public long timeoutNanos() {
    return timeoutMicros < LONGEST_MICROS ? TimeUnit.MICROSECONDS.toNanos(timeoutMicros) : 0;
  }

  /** The priority as {@link dev.nagare.streaming.Terms} takes it. */
  public int urgency() {
    return (int) Math.min(priority, Integer.MAX_VALUE);
  }

  private static void requireNoSequence(Map<String, Object> parameters) {
    Object id = parameters.getOrDefault("sequence_id", 0);
    boolean none = id instanceof Number number ? number.doubleValue() == 0 : "".equals(id);
    if (!none) {
      throw new ProtocolException(
          501,
          "parameter sequence_id: no model here keeps state between requests; send all rows that an"
              + " answer depends on in one");
    }
    flag(parameters, "", "sequence_start", false);
    flag(parameters, "", "sequence_end", false);
  }

  /** A parameter that is true or false. */
  static boolean flag(Map<String, Object> in, String at, String key, boolean otherwise) {
    Object value = in.get(key);
    if (value == null) {
      return otherwise;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw RequestReader.refused(at + "parameter " + key + ": expected true or false, got " + value);
  }

  /** A parameter that is a whole number from 0 up. */
  static long whole(Map<String, Object> in, String at, String key, long otherwise) {
    Object value = in.get(key);
    if (value == null) {
      return otherwise;
    }
    boolean whole = value instanceof Integer || value instanceof Long;
    if (whole && ((Number) value).longValue() >= 0) {
      return ((Number) value).longValue();
    }
    // Unsigned 64 bits are allowed; what is beyond 63 of them is for ever anyway.
    if (value instanceof BigInteger big && big.signum() > 0 && big.bitLength() <= Long.SIZE) {
      return Long.MAX_VALUE;
    }
    throw RequestReader.refused(
        at + "parameter " + key + ": expected a whole number from 0 up, got " + value);
  }
}
