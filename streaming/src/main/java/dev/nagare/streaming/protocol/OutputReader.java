package dev.nagare.streaming.protocol;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the member {@code outputs} of a request: which are wanted, and in which form. */
final class OutputReader {
  /** More than any model gives; each is compared with all before it. */
  private static final int MOST = 64;

  private final JsonParser parser;
  private final List<AnswerForm.Named> read = new ArrayList<>(1);

  OutputReader(JsonParser parser) {
    this.parser = parser;
  }

  /** The outputs at hand. */
  List<AnswerForm.Named> read() throws IOException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw RequestReader.unexpected(parser, "outputs", "an array");
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (read.size() == MOST) {
        throw RequestReader.refused("outputs: expected at most " + MOST);
      }
      AnswerForm.Named output = output("outputs[" + read.size() + "]");
      for (AnswerForm.Named other : read) {
        if (other.name().equals(output.name())) {
          throw RequestReader.refused("outputs: " + output.name() + " given twice");
        }
      }
      read.add(output);
    }
    return List.copyOf(read);
  }

  private AnswerForm.Named output(String at) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw RequestReader.unexpected(parser, at, "an object");
    }
    String name = null;
    Map<String, Object> parameters = Map.of();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String member = parser.currentName();
      parser.nextToken();
      switch (member) {
        case "name" -> name = RequestReader.text(parser, at + ".name");
        case "parameters" -> parameters = ParameterReader.read(parser, at);
        default -> parser.skipChildren();
      }
    }
    return named(RequestReader.required(name, at, "name"), parameters);
  }

  private static AnswerForm.Named named(String name, Map<String, Object> parameters) {
    String path = "output " + name + ": ";
    if (parameters.containsKey("shared_memory_region")) {
      throw new ProtocolException(501, path + "shared memory is not offered here");
    }
    @Nullable Boolean binary = null;
    if (parameters.containsKey("binary_data")) {
      binary = ReservedParameters.flag(parameters, path, "binary_data", false);
    }
    long classes = ReservedParameters.whole(parameters, path, "classification", 0);
    return new AnswerForm.Named(name, binary, (int) Math.min(classes, Integer.MAX_VALUE));
  }
}
