package dev.nagare.models.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenizerFileTest {
  private static final String JSON =
      """
      {
        "version": "1.0",
        "truncation": {"max_length": 6, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 128}, "pad_id": 0},
        "added_tokens": [{"id": 0, "content": "[UNK]", "special": true}],
        "normalizer": {"type": "BertNormalizer", "clean_text": true,
          "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {"type": "WordPiece", "unk_token": "[UNK]",
          "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
          "vocab": {"[UNK]": 0, "[SEP]": 2, "[CLS]": 1, "\\u00fcber\\"": 4, "uber": 3, "#\\/": 5}}
      }
      """;

  @Test
  void aFileGivesItsTokenizer() throws Exception {
    BertTokenizer tokenizer = TokenizerFile.parse(JSON);
    assertThat(tokenizer.vocabulary().size()).isEqualTo(6);
    assertThat(tokenizer.vocabulary().id("über\"")).isEqualTo(4);
    assertThat(tokenizer.vocabulary().id("#/")).isEqualTo(5);
    assertThat(tokenizer.ids("ÜBER x")).containsExactly(1, 3, 0, 2);
    assertThat(tokenizer.ids("uber uber uber uber uber")).hasSize(6);
  }

  @Test
  void withoutTruncationATextIsCutWhereModelsOfThisKindEnd() throws Exception {
    String untruncated = JSON.replaceAll("\"truncation\": \\{[^}]*\\}", "\"truncation\": null");
    assertThat(TokenizerFile.parse(untruncated).most()).isEqualTo(512);
  }

  @Test
  void anotherKindIsRefusedWithItsName() {
    assertThatThrownBy(() -> TokenizerFile.parse(JSON.replace("\"WordPiece\"", "\"BPE\"")))
        .isInstanceOf(IOException.class)
        .hasMessage("model: expected WordPiece, got BPE");
    assertThatThrownBy(() -> TokenizerFile.parse(JSON.replace("BertNormalizer", "NFC")))
        .hasMessage("normalizer: expected BertNormalizer, got NFC");
    assertThatThrownBy(() -> TokenizerFile.parse(JSON.replace("BertPreTokenizer", "Whitespace")))
        .hasMessage("pre_tokenizer: expected BertPreTokenizer, got Whitespace");
  }

  @Test
  void idsThatAreNoListAreRefused() {
    assertThatThrownBy(() -> TokenizerFile.parse(JSON.replace("\"uber\": 3", "\"uber\": 9")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("vocab: expected each id below 6 once, got uber: 9");
    assertThatThrownBy(() -> TokenizerFile.parse(JSON.replace("\"uber\": 3", "\"uber\": 4")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("vocab: expected each id below 6 once, got uber: 4");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{\"a\" 1}",
        "[1, 2",
        "{\"a\": tru}",
        "\"\\u12g4\"",
        "\"\\x\"",
        "{} {}",
        "1e",
        "\"open",
        "{\"a\": 1, \"a\": 2}",
        "{,}",
      })
  void whatIsNoJsonIsRefused(String text) {
    assertThatThrownBy(() -> TokenizerFile.parse(text))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("JSON: ");
  }

  @Test
  void deepValuesDoNotExhaustTheStack() {
    assertThatThrownBy(() -> TokenizerFile.parse("[".repeat(100_000)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("deeper than 64");
  }
}
