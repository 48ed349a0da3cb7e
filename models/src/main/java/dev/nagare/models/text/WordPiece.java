package dev.nagare.models.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A vocabulary of word pieces: a word is its longest known beginning, then the longest known
 * continuation, and so on; a word of which some part is not known is unknown as a whole.
 *
 * <p>Immutable, for any number of threads. Source: Schuster and Nakajima, 2012, as the {@code
 * WordPiece} model of Hugging Face tokenizers has it.
 */
public final class WordPiece {
  /** Before a piece that goes on within a word. */
  private static final String WITHIN = "##";

  /** A longer word is unknown: greedy matching takes time with its square. */
  private static final int LONGEST_WORD = 100;

  private final Map<String, Integer> ids;
  private final int unknown;

  /**
   * A vocabulary.
   *
   * @param pieces in the order of their ids; continuations begin with {@code ##}
   * @throws IllegalArgumentException if a piece occurs twice or {@code [UNK]} is missing
   */
  public WordPiece(List<String> pieces) {
    ids = HashMap.newHashMap(pieces.size());
    for (String piece : pieces) {
      if (ids.put(piece, ids.size()) != null) {
        throw new IllegalArgumentException("vocabulary: the piece " + piece + " occurs twice");
      }
    }
    unknown = id("[UNK]");
  }

  /**
   * The id of a piece.
   *
   * @throws IllegalArgumentException if the vocabulary has none
   */
  public int id(String piece) {
    Integer id = ids.get(piece);
    if (id == null) {
      throw new IllegalArgumentException("vocabulary: there is no piece " + piece);
    }
    return id;
  }

  /** Pieces in all. */
  public int size() {
    return ids.size();
  }

  /** Appends the ids of a word; stops where they are full. */
  void append(String word, TokenIds to) {
    if (word.codePointCount(0, word.length()) > LONGEST_WORD) {
      to.add(unknown);
      return;
    }
    int before = to.size();
    for (int from = 0; from < word.length(); ) {
      int end = word.length();
      Integer id = ids.get(piece(word, from, end));
      while (id == null && end > from) {
        end = word.offsetByCodePoints(end, -1);
        id = end == from ? null : ids.get(piece(word, from, end));
      }
      if (id == null) {
        to.cut(before);
        to.add(unknown);
        return;
      }
      to.add(id);
      from = end;
    }
  }

  private static String piece(String word, int from, int to) {
    return from == 0 ? word.substring(0, to) : WITHIN + word.substring(from, to);
  }
}
