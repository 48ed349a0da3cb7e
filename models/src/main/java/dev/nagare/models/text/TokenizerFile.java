package dev.nagare.models.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a {@code tokenizer.json} of Hugging Face tokenizers, as far as it describes BERT's: {@code
 * BertNormalizer}, {@code BertPreTokenizer}, {@code WordPiece}. Another kind is refused with its
 * name. Its padding is passed over.
 */
public final class TokenizerFile {
  private static final int LONGEST = 512;

  private TokenizerFile() {}

  /**
   * Reads a file.
   *
   * @throws IOException if it is no JSON, or of another kind
   */
  public static BertTokenizer read(Path file) throws IOException {
    try {
      return parse(Files.readString(file));
    } catch (IOException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Reads the text of a file.
   *
   * @throws IOException if it is no JSON, or of another kind
   */
  public static BertTokenizer parse(String json) throws IOException {
    Map<?, ?> file = object(new JsonText(json).value(), "the file");
    Map<?, ?> normalizer = part(file, "normalizer", "BertNormalizer");
    var _ = part(file, "pre_tokenizer", "BertPreTokenizer");
    Map<?, ?> model = part(file, "model", "WordPiece");
    require("continuing_subword_prefix", model.get("continuing_subword_prefix"), "##");
    require("unk_token", model.get("unk_token"), "[UNK]");
    boolean lowercase = flag(normalizer, "lowercase", true);
    try {
      return new BertTokenizer(
          new BertNormalizer(
              flag(normalizer, "clean_text", true),
              flag(normalizer, "handle_chinese_chars", true),
              flag(normalizer, "strip_accents", lowercase),
              lowercase),
          new WordPiece(vocabulary(object(model.get("vocab"), "vocab"))),
          most(file.get("truncation")));
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static int most(@Nullable Object truncation) {
    return truncation instanceof Map<?, ?> map && map.get("max_length") instanceof Double length
        ? length.intValue()
        : LONGEST;
  }

  private static List<String> vocabulary(Map<?, ?> vocab) throws IOException {
    String[] pieces = new String[vocab.size()];
    for (Map.Entry<?, ?> entry : vocab.entrySet()) {
      String piece = (String) entry.getKey();
      if (!(entry.getValue() instanceof Double id)
          || id < 0
          || id >= pieces.length
          || id != id.intValue()
          || pieces[id.intValue()] != null) {
        throw new IOException(
            "vocab: expected each id below "
                + pieces.length
                + " once, got "
                + piece
                + ": "
                + entry.getValue());
      }
      pieces[id.intValue()] = piece;
    }
    return Arrays.asList(pieces);
  }

  private static Map<?, ?> part(Map<?, ?> file, String name, String type) throws IOException {
    Map<?, ?> part = object(file.get(name), name);
    require(name, part.get("type"), type);
    return part;
  }

  private static void require(String name, @Nullable Object found, String wanted)
      throws IOException {
    if (!wanted.equals(found)) {
      throw new IOException(name + ": expected " + wanted + ", got " + found);
    }
  }

  private static Map<?, ?> object(@Nullable Object value, String name) throws IOException {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IOException(name + ": expected an object, got " + value);
    }
    return map;
  }

  private static boolean flag(Map<?, ?> map, String name, boolean otherwise) {
    return map.get(name) instanceof Boolean value ? value : otherwise;
  }
}
