package dev.nagare.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PoolingTest {
  /** Two texts of width 2: three tokens, then one and two that only fill up. */
  private static final float[] VALUES = {1, 2, 5, 6, 0, 1, 7, 8, 99, 99, 99, 99};

  @Test
  void eachWayIsItsOwn() {
    assertThat(Pooling.MEAN.of(VALUES, 0, 3, 2)).containsExactly(2, 3);
    assertThat(Pooling.CLS.of(VALUES, 0, 3, 2)).containsExactly(1, 2);
    assertThat(Pooling.MAX.of(VALUES, 0, 3, 2)).containsExactly(5, 6);
    assertThat(Pooling.NONE.of(VALUES, 2, 1, 2)).containsExactly(5, 6);
  }

  @Test
  void whatFillsUpHasNoPart() {
    assertThat(Pooling.MEAN.of(VALUES, 6, 1, 2)).containsExactly(7, 8);
    assertThat(Pooling.MAX.of(VALUES, 6, 1, 2)).containsExactly(7, 8);
  }

  @Test
  void aPartOfATokenIsRefused() {
    assertThatThrownBy(() -> Pooling.MEAN.of(VALUES, 8, 3, 2))
        .hasMessage("pooling: expected 3 tokens of 2 elements, at least one, got 4 elements");
    assertThatThrownBy(() -> Pooling.MEAN.of(VALUES, 0, 0, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void textsStandSideBySideAndTheMaskShowsTheirIds() {
    var pieces = new WordPiece(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a", "b"));
    var tokenizer = new BertTokenizer(BertNormalizer.UNCASED, pieces, 5);
    TokenRows rows = TokenRows.of(tokenizer, List.of("a", "a b a b", ""));
    assertThat(rows.longest()).isEqualTo(5);
    assertThat(rows.inputIds()).containsExactly(2, 4, 3, 0, 0, 2, 4, 5, 4, 3, 2, 3, 0, 0, 0);
    assertThat(rows.attentionMask()).containsExactly(1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0);
    assertThat(rows.tokenTypeIds()).hasSize(15).containsOnly(0);
    assertThat(rows.length(0)).isEqualTo(3);
  }
}
