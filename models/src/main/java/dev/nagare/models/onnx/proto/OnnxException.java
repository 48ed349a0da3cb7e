package dev.nagare.models.onnx.proto;

/** A model file that is refused: it is damaged, contradicts itself, or needs what is not there. */
public final class OnnxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates a refusal; the message says what was expected, what was found, and where. */
  public OnnxException(String message) {
    super(message);
  }

  /** Creates a refusal with the failure that led to it. */
  public OnnxException(String message, Throwable cause) {
    super(message, cause);
  }
}
