package dev.nagare.server.processing;

import java.util.List;

/** What a model is to be shown. */
public sealed interface Medium {

  /**
   * A picture.
   *
   * @param file its bytes as they came
   */
  @SuppressWarnings("ArrayRecordComponent") // on its way to the decoder, compared by nobody
  record Image(byte[] file) implements Medium {}

  /**
   * Texts, at least one.
   *
   * @param texts in the caller's order
   * @param compare whether the caller wants to know how alike they are
   */
  record Texts(List<String> texts, boolean compare) implements Medium {
    /** Copies the list. */
    public Texts {
      texts = List.copyOf(texts);
    }
  }
}
