package dev.nagare.server.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A piece of a YAML file that knows its line; scalars stay text until their setting reads them. */
sealed interface YamlNode {

  /** Line in the file, from 1. */
  int line();

  /** A scalar as written; empty for null. */
  record Scalar(String text, int line) implements YamlNode {}

  /** A mapping, in the file's order. */
  record Mapping(Map<String, YamlNode> entries, int line) implements YamlNode {}

  /** A sequence. */
  record Sequence(List<YamlNode> items, int line) implements YamlNode {}

  /** Says in words what stands here. */
  default String described() {
    return switch (this) {
      case Scalar scalar -> scalar.text.isEmpty() ? "nothing" : "'" + scalar.text + "'";
      case Mapping ignored -> "a mapping";
      case Sequence ignored -> "a list";
    };
  }

  /**
   * Parses a file's text; an empty file is an empty mapping.
   *
   * @param name of the file, for faults
   * @throws ConfigException if it is not YAML with a mapping at the top
   */
  static Mapping parse(String name, String text) {
    var faults = new ArrayList<String>();
    try (JsonParser parser = new YAMLFactory().createParser(text)) {
      if (parser.nextToken() == null) {
        return new Mapping(Map.of(), 1);
      }
      YamlNode root = read(parser, name, faults);
      if (!(root instanceof Mapping mapping)) {
        faults.add(
            name
                + ":"
                + root.line()
                + ": expected sections such as 'server:', got "
                + root.described());
        throw new ConfigException(faults);
      }
      if (parser.nextToken() != null) {
        faults.add(
            name
                + ":"
                + parser.currentTokenLocation().getLineNr()
                + ": expected one YAML document, got a second");
      }
      if (!faults.isEmpty()) {
        throw new ConfigException(faults);
      }
      return mapping;
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      throw new ConfigException(
          List.of(
              name
                  + ":"
                  + line
                  + ": not YAML: "
                  + e.getOriginalMessage().lines().findFirst().orElse("")));
    } catch (IOException e) {
      throw new ConfigException(List.of(name + ": cannot be read: " + e.getMessage()));
    }
  }

  private static YamlNode read(JsonParser parser, String name, List<String> faults)
      throws IOException {
    int line = parser.currentTokenLocation().getLineNr();
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        var entries = new LinkedHashMap<String, YamlNode>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String key = parser.currentName();
          int keyLine = parser.currentTokenLocation().getLineNr();
          parser.nextToken();
          if (entries.put(key, read(parser, name, faults)) != null) {
            faults.add(name + ":" + keyLine + ": '" + key + "' stands twice in one section");
          }
        }
        yield new Mapping(entries, line);
      }
      case START_ARRAY -> {
        var items = new ArrayList<YamlNode>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          items.add(read(parser, name, faults));
        }
        yield new Sequence(items, line);
      }
      case VALUE_NULL -> new Scalar("", line);
      default -> new Scalar(parser.getText(), line);
    };
  }
}
