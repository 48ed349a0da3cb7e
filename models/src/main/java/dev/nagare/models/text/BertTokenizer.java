package dev.nagare.models.text;

/**
 * Turns a sentence into the ids that BERT and its kin read: {@code text -> [CLS] pieces [SEP]}.
 *
 * <p>Longer texts are cut at the end. There is no padding: requests of different lengths are packed
 * by the plan. A text that spells a special token, such as {@code [SEP]}, gets the pieces of its
 * characters: what a caller writes cannot close a sentence. This is the known difference from
 * Hugging Face tokenizers, which make it the special token.
 *
 * <p>Immutable, for any number of threads.
 */
public final class BertTokenizer {
  private static final int SPECIAL = 2;

  private final BertNormalizer normalizer;
  private final WordPiece vocabulary;
  private final int first;
  private final int last;
  private final int most;

  /**
   * A tokenizer.
   *
   * @param most ids of a text, {@code [CLS]} and {@code [SEP]} among them
   * @throws IllegalArgumentException if the vocabulary lacks a special token or nothing would fit
   */
  public BertTokenizer(BertNormalizer normalizer, WordPiece vocabulary, int most) {
    if (most <= SPECIAL) {
      throw new IllegalArgumentException("tokenizer: expected room for 3 ids or more, got " + most);
    }
    this.normalizer = normalizer;
    this.vocabulary = vocabulary;
    this.most = most;
    first = vocabulary.id("[CLS]");
    last = vocabulary.id("[SEP]");
  }

  /**
   * The same with another limit.
   *
   * @param ids of a text, {@code [CLS]} and {@code [SEP]} among them
   */
  public BertTokenizer atMost(int ids) {
    return new BertTokenizer(normalizer, vocabulary, ids);
  }

  /** The ids of a text: {@code input_ids} of the model, one row. */
  public long[] ids(String text) {
    var ids = new TokenIds(most - SPECIAL);
    for (String word : BertWords.of(normalizer.normalize(text))) {
      if (ids.full()) {
        break;
      }
      vocabulary.append(word, ids);
    }
    return ids.between(first, last);
  }

  /** Its vocabulary. */
  public WordPiece vocabulary() {
    return vocabulary;
  }

  /** The most ids that a text gets. */
  public int most() {
    return most;
  }
}
