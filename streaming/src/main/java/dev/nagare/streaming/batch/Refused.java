package dev.nagare.streaming.batch;

import dev.nagare.streaming.protocol.ProtocolException;

/** A refusal with its reason, as metrics count it. */
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** As many rows wait as may. */
  static final String QUEUE_FULL = "queue-full";

  /** The answer would come after the deadline. */
  static final String DEADLINE_AT_DOOR = "deadline-at-door";

  /** There is no deadline, and the answer would take far longer than is aimed at. */
  static final String OVER_TARGET = "over-target";

  /** The deadline passed while the question waited. */
  static final String DEADLINE_PASSED = "deadline-passed";

  /** The caller left while the question waited. */
  static final String CANCELLED = "cancelled";

  /** Stopping. */
  static final String NOT_READY = "not-ready";

  private final ProtocolException protocol;
  private final String reason;

  Refused(int status, String reason, String message) {
    this(new ProtocolException(status, message), reason);
  }

  private Refused(ProtocolException protocol, String reason) {
    super(protocol.getMessage(), null, false, false);
    this.protocol = protocol;
    this.reason = reason;
  }

  static Refused busy(String reason, String message, long retryAfterMillis) {
    return new Refused(ProtocolException.busy(message, retryAfterMillis), reason);
  }

  String reason() {
    return reason;
  }

  /** The refusal as the caller gets it. */
  ProtocolException asProtocol() {
    return protocol;
  }
}
