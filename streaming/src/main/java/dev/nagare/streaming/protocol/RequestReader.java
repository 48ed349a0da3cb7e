package dev.nagare.streaming.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.nagare.tensor.Memory;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one inference request; its numbers go into memory that is known to be enough for them. */
final class RequestReader {
  private static final String MODEL_NAME = "model_name";

  private final RequestSource from;
  private final JsonParser parser;
  private final Addressee addressee;

  /**
   * Whom a request is for.
   *
   * @param model that it may name, whose inputs are FP32; null if it may name any, with inputs of
   *     any datatype that is read
   * @param label input that may be of whole numbers; null if none may
   */
  record Addressee(@Nullable String model, @Nullable String label) {
    static final Addressee ANY = new Addressee(null, null);
  }

  RequestReader(RequestSource from) {
    this.from = from;
    this.parser = from.parser();
    this.addressee = from.addressee();
  }

  /**
   * An upper bound of the bytes that the inputs of a text can take, seen without parsing it and
   * close to what is needed: an element comes after a comma or opens an array. No shape is trusted
   * for it. Each input, which takes a brace, may begin at the next aligned place.
   */
  static long bytesAtMost(byte[] json) {
    long elements = 0;
    long objects = 0;
    boolean wide = false;
    for (int i = 0; i < json.length; i++) {
      switch (json[i]) {
        case ',', '[' -> elements++;
        case '{' -> objects++;
        // INT64, FP64; and a datatype may be spelled with escapes
        case '"' -> wide |= i >= 2 && json[i - 2] == '6' && json[i - 1] == '4';
        case '\\' -> wide = true;
        default -> {}
      }
    }
    return Math.max(1, elements) * (wide ? Long.BYTES : Float.BYTES)
        + (objects + 1) * Memory.ALIGNMENT;
  }

  /** The request; takes over the lease on the memory. */
  InferenceCall read() throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw unexpected(parser, "request", "an object");
    }
    String id = null;
    Map<String, Object> parameters = Map.of();
    List<AnswerForm.Named> outputs = List.of();
    List<TensorData> inputs = null;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String member = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (member) {
        case "id" -> id = value == JsonToken.VALUE_NULL ? null : text(parser, "id");
        case "parameters" -> parameters = ParameterReader.read(parser, "");
        case "outputs" -> outputs = new OutputReader(parser).read();
        case MODEL_NAME -> {
          if (addressee.model() == null) {
            parser.skipChildren();
          } else {
            requireModel(text(parser, MODEL_NAME));
          }
        }
        case "inputs" -> {
          if (inputs != null) {
            throw refused("inputs: given twice");
          }
          inputs = new InputReader(from).read();
        }
        default -> parser.skipChildren();
      }
    }
    if (inputs == null || inputs.isEmpty()) {
      throw refused("inputs: expected at least one, got none");
    }
    if (parser.nextToken() != null) {
      throw unexpected(parser, "after the request", "nothing more");
    }
    Payload payload = from.payload();
    if (payload != null && payload.remaining() > 0) {
      throw refused(
          "unexpected additional input data: "
              + payload.remaining()
              + " bytes after the last input of the binary tensor extension");
    }
    if (parameters.get(MODEL_NAME) instanceof String model) {
      requireModel(model);
    }
    boolean binary = addressee.model() == null && ReservedParameters.of(parameters).binaryOutputs();
    List<String> names =
        outputs.isEmpty() ? List.of() : outputs.stream().map(AnswerForm.Named::name).toList();
    return new InferenceCall(
        new InferenceRequest(id, parameters, inputs, names, from.memory()),
        new AnswerForm(binary, outputs));
  }

  private void requireModel(String named) {
    String model = addressee.model();
    if (model != null && !model.equals(named)) {
      throw new ProtocolException(
          404,
          MODEL_NAME + ": expected " + model + ", whose topic this is, got " + shortened(named));
    }
  }

  /** The string at hand. */
  static String text(JsonParser parser, String path) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw unexpected(parser, path, "a string");
    }
    return parser.getText();
  }

  /** What must be there. */
  static <T> T required(@Nullable T value, String path, String member) {
    if (value == null) {
      throw refused(path + ": " + member + " is missing");
    }
    return value;
  }

  /** A refusal that names the token at hand and where it stands. */
  static ProtocolException unexpected(JsonParser parser, String path, String expected)
      throws IOException {
    JsonToken token = parser.currentToken();
    String got =
        switch (token) {
          case null -> "the end";
          case START_OBJECT, END_OBJECT -> "an object";
          case START_ARRAY, END_ARRAY -> "an array";
          case VALUE_STRING, FIELD_NAME -> "a string";
          default -> shortened(parser.getText());
        };
    var at = parser.currentTokenLocation();
    return refused(
        path
            + ": expected "
            + expected
            + ", got "
            + got
            + " at line "
            + at.getLineNr()
            + ", column "
            + at.getColumnNr());
  }

  static ProtocolException refused(String message) {
    return new ProtocolException(400, message);
  }

  /** No more of a text than a message can bear. */
  static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }
}
