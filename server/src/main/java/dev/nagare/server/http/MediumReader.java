package dev.nagare.server.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.nagare.models.image.ImageFile;
import dev.nagare.server.processing.Medium;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a model is to be shown: a form with a field {@code image} or {@code text}, a picture
 * as it is, or JSON. Except for forms the bytes decide, not their type, which curl leaves to
 * chance.
 */
final class MediumReader {
  private static final String FORMS =
      "expected a form with the field image or text, a PNG or JPEG as it is, or JSON such as"
          + " {\"text\": \"…\"}";

  private MediumReader() {}

  /**
   * Reads a body.
   *
   * @param type its Content-Type
   * @throws ProtocolException status 400, or 415 for a kind that is not read here
   */
  static Medium read(@Nullable String type, RequestBody body) {
    String kind = type == null ? "" : type.strip().toLowerCase(Locale.ROOT);
    byte[] bytes = body.bytes(0, body.length());
    if (type != null && kind.startsWith("multipart/form-data")) {
      return FormReader.read(type, bytes);
    }
    if (kind.startsWith("image/") || ImageFile.isOne(bytes)) {
      return new Medium.Image(bytes);
    }
    if (bytes.length == 0) {
      throw new ProtocolException(400, "body: " + FORMS + ", got nothing");
    }
    if (!beginsAsJson(bytes)) {
      String got = kind.isEmpty() ? "something else" : "something else of type " + type;
      throw new ProtocolException(415, "body: " + FORMS + ", got " + got);
    }
    return texts(Json.read(body));
  }

  private static boolean beginsAsJson(byte[] bytes) {
    int at = 0;
    while (at < bytes.length && bytes[at] <= ' ' && bytes[at] > 0) {
      at++;
    }
    return at < bytes.length && (bytes[at] == '{' || bytes[at] == '[');
  }

  private static Medium texts(JsonNode json) {
    JsonNode one = json.path("text");
    JsonNode many = json.path("texts");
    if (one.isMissingNode() == many.isMissingNode()) {
      throw new ProtocolException(
          400,
          "body: expected either text or texts, got "
              + (one.isMissingNode() ? "neither" : "both")
              + ", such as {\"text\": \"…\"}");
    }
    List<String> texts = new ArrayList<>();
    if (many.isMissingNode()) {
      texts.add(text("text", one));
    } else if (many.isArray() && !many.isEmpty()) {
      many.forEach(text -> texts.add(text("texts", text)));
    } else {
      throw new ProtocolException(400, "texts: expected a list of texts, at least one");
    }
    JsonNode compare = json.path("compare");
    if (!compare.isMissingNode() && !compare.isBoolean()) {
      throw new ProtocolException(400, "compare: expected true or false");
    }
    return new Medium.Texts(texts, compare.booleanValue());
  }

  private static String text(String member, JsonNode text) {
    if (!text.isTextual()) {
      throw new ProtocolException(
          400, member + ": expected a text in quotes, got " + text.getNodeType());
    }
    return text.textValue();
  }
}
