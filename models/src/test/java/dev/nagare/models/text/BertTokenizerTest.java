package dev.nagare.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BertTokenizerTest {
  private static final List<String> PIECES =
      List.of(
          "[PAD]", "[UNK]", "[CLS]", "[SEP]", "hello", "world", "un", "##aff", "##able", "cafe",
          "##s", "!", "?", "$", "[", "]", "sep", "日", "本", "##本", "a", "##a", "-", "“");
  private static final BertTokenizer TOKENIZER = tokenizer(PIECES, 128);

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Hello world                | hello world",
        "HELLO,  world!             | hello [UNK] world !",
        "unaffable                  | un ##aff ##able",
        "unaffables                 | un ##aff ##able ##s",
        "unknowable                 | [UNK]",
        "un unx                     | un [UNK]",
        "Cafés                      | cafe ##s",
        "CAFE\u0301                 | cafe",
        "日本                       | 日 本",
        "hello日world               | hello 日 world",
        "hello\u00a0world\u3000!    | hello world !",
        "hel\u200dlo\u0000          | hello",
        "hello\tworld\u000b!        | hello world !",
        "$hello?-“                  | $ hello ? - “",
        "[SEP]                      | [ sep ]",
        "\uD83D\uDE00 a             | [UNK] a",
      })
  void aTextBecomesPieces(String text, String pieces) {
    assertThat(pieces(TOKENIZER.ids(text))).isEqualTo("[CLS] " + pieces + " [SEP]");
  }

  @Test
  void nothingButSpaceIsAnEmptySentence() {
    assertThat(TOKENIZER.ids(" \n")).containsExactly(2, 3);
  }

  @Test
  void aLongTextIsCutAtItsEnd() {
    BertTokenizer four = tokenizer(PIECES, 4);
    assertThat(pieces(four.ids("unaffable hello"))).isEqualTo("[CLS] un ##aff [SEP]");
    assertThat(pieces(four.ids("hello unaffable"))).isEqualTo("[CLS] hello un [SEP]");
    assertThat(pieces(four.ids("hello unknowable"))).isEqualTo("[CLS] hello [UNK] [SEP]");
  }

  @Test
  void moreIdsThanTheFirstBufferHolds() {
    assertThat(TOKENIZER.ids("hello ".repeat(60))).hasSize(62);
    assertThat(TOKENIZER.ids("hello ".repeat(600))).hasSize(128).endsWith(4, 3);
  }

  @Test
  void aWordOfMoreThanAHundredCharactersIsUnknown() {
    assertThat(TOKENIZER.ids("a".repeat(100))).hasSize(102);
    assertThat(pieces(TOKENIZER.ids("a".repeat(101)))).isEqualTo("[CLS] [UNK] [SEP]");
  }

  @Test
  void aCasedModelKeepsCapitalsAndAccents() {
    var cased = new BertNormalizer(true, true, false, false);
    var tokenizer =
        new BertTokenizer(
            cased, new WordPiece(List.of("[UNK]", "[CLS]", "[SEP]", "Café", "café")), 8);
    assertThat(tokenizer.ids("Café café CAFÉ")).containsExactly(1, 3, 4, 0, 2);
  }

  @Test
  void aVocabularyWithoutASpecialTokenIsRefused() {
    assertThatThrownBy(() -> new WordPiece(List.of("[CLS]", "[SEP]")))
        .hasMessage("vocabulary: there is no piece [UNK]");
    assertThatThrownBy(() -> tokenizer(List.of("[UNK]", "[SEP]"), 8))
        .hasMessage("vocabulary: there is no piece [CLS]");
    assertThatThrownBy(() -> new WordPiece(List.of("[UNK]", "a", "a")))
        .hasMessage("vocabulary: the piece a occurs twice");
    assertThatThrownBy(() -> tokenizer(PIECES, 2))
        .hasMessage("tokenizer: expected room for 3 ids or more, got 2");
  }

  private static BertTokenizer tokenizer(List<String> pieces, int most) {
    return new BertTokenizer(BertNormalizer.UNCASED, new WordPiece(pieces), most);
  }

  private static String pieces(long[] ids) {
    List<String> pieces = new ArrayList<>();
    for (long id : ids) {
      pieces.add(PIECES.get((int) id));
    }
    return String.join(" ", pieces);
  }
}
