package dev.nagare.models.text;

import java.util.Arrays;
import java.util.List;

/**
 * The ids of several texts side by side, each filled up to the longest with zeros that the mask
 * hides: {@code [texts, longest]}.
 *
 * @param ids of each text, without filling
 * @param longest ids of a text
 */
public record TokenRows(List<long[]> ids, int longest) {

  /** The ids of some texts, at least one. */
  public static TokenRows of(BertTokenizer tokenizer, List<String> texts) {
    List<long[]> ids = texts.stream().map(tokenizer::ids).toList();
    return new TokenRows(ids, ids.stream().mapToInt(row -> row.length).max().orElse(0));
  }

  /** How many texts there are. */
  public int rows() {
    return ids.size();
  }

  /** How many ids a text has. */
  public int length(int row) {
    return ids.get(row).length;
  }

  /** {@code input_ids}, row-major. */
  public long[] inputIds() {
    long[] all = new long[rows() * longest];
    for (int row = 0; row < rows(); row++) {
      System.arraycopy(ids.get(row), 0, all, row * longest, length(row));
    }
    return all;
  }

  /** {@code attention_mask}, row-major: 1 where a text has an id. */
  public long[] attentionMask() {
    long[] all = new long[rows() * longest];
    for (int row = 0; row < rows(); row++) {
      Arrays.fill(all, row * longest, row * longest + length(row), 1);
    }
    return all;
  }

  /** {@code token_type_ids}, row-major: all of the first kind. */
  public long[] tokenTypeIds() {
    return new long[rows() * longest];
  }
}
