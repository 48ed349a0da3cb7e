package dev.nagare.tensor;

/** What tensor-core refuses: a shape that does not fit, memory that is gone, a native failure. */
public final class TensorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What kind of refusal it is. */
  public enum Kind {
    /** Shapes, dtypes or parameters do not fit each other. */
    MISMATCH,
    /** The tensor's memory was reset, given back or closed. */
    CLOSED,
    /** A memory budget is spent. */
    OUT_OF_BUDGET,
    /** The native library is missing, damaged or reported a failure. */
    NATIVE
  }

  private final Kind kind;

  /** Creates a refusal; the message says what was expected, what was got, and the remedy. */
  public TensorException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** Creates a refusal with the failure that led to it. */
  public TensorException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** What kind of refusal it is. */
  public Kind kind() {
    return kind;
  }

  /** A refusal for shapes, dtypes or parameters that do not fit. */
  public static TensorException mismatch(String message) {
    return new TensorException(Kind.MISMATCH, message);
  }
}
