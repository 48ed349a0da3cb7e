package dev.nagare.server.config;

import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.TextInput;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.models.text.BertNormalizer;
import dev.nagare.models.text.BertTokenizer;
import dev.nagare.models.text.TokenizerFile;
import dev.nagare.models.text.VocabularyFile;
import dev.nagare.tensor.DType;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The section {@code input.text} of {@code model.yaml}. */
final class TextSection {
  private static final String FILE = "a file in the version's folder";
  private static final Key TOKENIZER =
      Key.of(
              "tokenizer",
              "a `tokenizer.json` of Hugging Face tokenizers with BERT's normalizer, pre-tokenizer"
                  + " and WordPiece; it says itself about capitals and accents. Either this or"
                  + " `vocabulary`")
          .within(FILE);
  private static final Key VOCABULARY =
      Key.of(
              "vocabulary",
              "a `vocab.txt`: a piece in each line, continuations begin with `##`, `[UNK]`, `[CLS]`"
                  + " and `[SEP]` among them")
          .within(FILE);
  private static final Key LOWER_CASE =
      Key.of("lower-case", "with `vocabulary`: whether letters become small");
  private static final Key STRIP_ACCENTS =
      Key.of("strip-accents", "with `vocabulary`: whether accents go").usually("as `lower-case`");
  private static final Key MAX_LENGTH =
      Key.of(
              "max-length",
              "most ids of a text with `[CLS]` and `[SEP]`; the rest of a longer one is cut off"
                  + " (`max_seq_length`)")
          .in("ids")
          .usually("the file's, else 512");
  private static final int MOST = 512;
  private static final int LONGEST = 8192;

  private TextSection() {}

  /** What the section says; null if it has faults that leave no tokenizer. */
  static @Nullable TextInput read(Section in, ModelPackage found, List<TensorSpec> inputs) {
    List<String> names = inputs.stream().map(TensorSpec::name).toList();
    if (!TextInput.KNOWN.containsAll(names) || !names.contains(TextInput.IDS)) {
      in.fault(
          TOKENIZER, "expected a model with inputs among " + TextInput.KNOWN + ", got " + names);
      return null;
    }
    DType dtype = inputs.getFirst().dtype();
    for (TensorSpec input : inputs) {
      boolean whole = input.dtype() == DType.I64 || input.dtype() == DType.I32;
      if (!whole || input.dtype() != dtype || input.shape().size() != 2) {
        in.fault(
            TOKENIZER,
            "expected inputs of INT64 or INT32, all alike, of 2 axes, got %s, which is %s"
                .formatted(input.name(), input));
      }
    }
    BertTokenizer tokenizer = tokenizer(in, found);
    in.end();
    return tokenizer == null ? null : new TextInput(tokenizer, names, dtype);
  }

  private static @Nullable BertTokenizer tokenizer(Section in, ModelPackage found) {
    String file = in.text(TOKENIZER, "");
    String vocabulary = in.text(VOCABULARY, "");
    if (file.isEmpty() == vocabulary.isEmpty()) {
      in.fault(
          TOKENIZER,
          "expected either tokenizer, such as tokenizer.json, or vocabulary, such as vocab.txt, got "
              + (file.isEmpty() ? "neither" : "both"));
    }
    BertTokenizer read =
        file.isEmpty() ? ofVocabulary(in, found, vocabulary) : ofFile(in, found, file);
    int most = in.integer(MAX_LENGTH, read == null ? MOST : read.most(), 3, LONGEST);
    return read == null ? null : read.atMost(most);
  }

  private static @Nullable BertTokenizer ofFile(Section in, ModelPackage found, String file) {
    in.none("only with vocabulary; a tokenizer.json says it itself", LOWER_CASE, STRIP_ACCENTS);
    try {
      return TokenizerFile.read(found.file(file));
    } catch (IOException e) {
      in.fault(TOKENIZER, String.valueOf(e.getMessage()));
      return null;
    }
  }

  private static @Nullable BertTokenizer ofVocabulary(Section in, ModelPackage found, String file) {
    boolean lower = in.flag(LOWER_CASE, true);
    boolean strip = in.flag(STRIP_ACCENTS, lower);
    if (file.isEmpty()) {
      return null;
    }
    try {
      return new BertTokenizer(
          new BertNormalizer(true, true, strip, lower),
          VocabularyFile.read(found.file(file)),
          MOST);
    } catch (IOException | IllegalArgumentException e) {
      in.fault(VOCABULARY, String.valueOf(e.getMessage()));
      return null;
    }
  }
}
