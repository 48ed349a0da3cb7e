package dev.nagare.models.image;

/** A file that does not become a picture, and why. */
public final class ImageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong with it. */
  public enum Kind {
    /** It is not what it says, or not the whole of it. */
    DAMAGED,
    /** It is of a kind that is not read here. */
    UNSUPPORTED,
    /** It has more pixels than may be decoded. */
    TOO_LARGE
  }

  private final Kind kind;

  /** Creates a refusal that says what was expected and what was got. */
  public ImageException(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  /** What is wrong with it. */
  public Kind kind() {
    return kind;
  }

  static ImageException damaged(String message) {
    return new ImageException(Kind.DAMAGED, message);
  }

  static ImageException unsupported(String message) {
    return new ImageException(Kind.UNSUPPORTED, message);
  }
}
