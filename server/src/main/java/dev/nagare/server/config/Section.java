package dev.nagare.server.config;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A section of the start-up file. Each call reads one setting: its variable if set, else the file,
 * else the default. Faults are collected, never thrown, so that one run names them all; and what is
 * asked for is remembered, so that the {@link Reference} is what is read.
 */
final class Section {
  /** Names whose values are not to be shown. */
  private static final Pattern SECRET =
      Pattern.compile(
          "password|secret|jaas|token|credential|private|keystore\\.key|user\\.info",
          Pattern.CASE_INSENSITIVE);

  /** Stands for a default where there is none. */
  private static final String REQUIRED = "required";

  private final Reading reading;
  private final String path;
  private final YamlNode.Mapping mapping;
  private final Set<String> known = new LinkedHashSet<>();

  Section(Reading reading, String path, YamlNode.Mapping mapping) {
    this.reading = reading;
    this.path = path;
    this.mapping = mapping;
  }

  /** A text that may be anything but empty. */
  String text(Key key, String fallback) {
    return value(key, fallback, "a text", text -> text.isBlank() ? null : text);
  }

  /** A text of a given form that must be there; empty if it is not. */
  String required(Key key, String expected, String pattern) {
    if (!says(key)) {
      declare(key, expected, REQUIRED);
      fault(key, "expected " + expected + ", got none");
      return "";
    }
    return value(key.usually(REQUIRED), "", expected, text -> text.matches(pattern) ? text : null);
  }

  /** A text of a given form. */
  String matching(Key key, String fallback, String expected, String pattern) {
    return value(key, fallback, expected, text -> text.matches(pattern) ? text : null);
  }

  /**
   * A secret: by a variable only, so that no file has it, and never shown. Null if there is none.
   */
  @Nullable String secret(Key key) {
    declare(key, "in a variable, never in the file", "");
    String variable = reading.variable(at(key));
    if (mapping.entries().containsKey(key.name())) {
      fault(key, "expected in the variable " + Reading.variableName(at(key)) + ", not in a file");
    }
    reading.use(
        at(key),
        variable == null ? "" : "(hidden)",
        variable == null ? "default" : Reading.variableName(at(key)));
    return variable == null || variable.isBlank() ? null : variable;
  }

  /** Whether the file or a variable says something of a setting. */
  boolean says(Key key) {
    return mapping.entries().containsKey(key.name()) || reading.variable(at(key)) != null;
  }

  /** Reports the settings of which nothing should be said here. */
  void none(String why, Key... keys) {
    for (Key key : keys) {
      known.add(key.name());
      if (says(key)) {
        fault(key, why);
      }
    }
  }

  int integer(Key key, int fallback, int least, int most) {
    return (int) integer(key, (long) fallback, least, most);
  }

  long integer(Key key, long fallback, long least, long most) {
    String expected =
        "a whole number "
            + (most == Long.MAX_VALUE ? "of at least " + least : "from " + least + " to " + most);
    return value(
        key,
        fallback,
        expected,
        text -> {
          try {
            long number = Long.parseLong(text);
            return number < least || number > most ? null : number;
          } catch (NumberFormatException e) {
            return null;
          }
        });
  }

  /** A finite number of at least, or above, a bound. */
  double decimal(Key key, double fallback, double bound, boolean inclusive) {
    return value(
        key,
        fallback,
        "a number " + (inclusive ? "of at least " : "above ") + bound,
        text -> {
          try {
            double number = Double.parseDouble(text);
            boolean fits = inclusive ? number >= bound : number > bound;
            return fits && Double.isFinite(number) ? number : null;
          } catch (NumberFormatException e) {
            return null;
          }
        });
  }

  /** A number from 0 up to but not including 1. */
  double fraction(Key key, double fallback) {
    return value(
        key,
        fallback,
        "a number from 0 up to but not including 1",
        text -> {
          try {
            double number = Double.parseDouble(text);
            return number >= 0 && number < 1 ? number : null;
          } catch (NumberFormatException e) {
            return null;
          }
        });
  }

  boolean flag(Key key, boolean fallback) {
    return value(
        key,
        fallback,
        "true or false",
        text ->
            switch (text) {
              case "true" -> true;
              case "false" -> false;
              default -> null;
            });
  }

  <E extends Enum<E>> E choice(Key key, E fallback) {
    E[] constants = fallback.getDeclaringClass().getEnumConstants();
    String expected =
        Arrays.stream(constants).map(Section::word).collect(Collectors.joining(" or "));
    return value(
        key,
        fallback,
        expected,
        text ->
            Arrays.stream(constants).filter(e -> word(e).equals(text)).findFirst().orElse(null));
  }

  /** A list of texts; in a variable, separated by commas. Empty by default. */
  List<String> texts(Key key) {
    declare(key, "a list of texts", "");
    String variable = reading.variable(at(key));
    if (variable != null) {
      var items =
          Stream.of(variable.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
      reading.use(at(key), items.toString(), Reading.variableName(at(key)));
      return items;
    }
    YamlNode node = node(key);
    if (node == null) {
      reading.use(at(key), "[]", "default");
      return List.of();
    }
    var items = new ArrayList<String>();
    if (node instanceof YamlNode.Sequence sequence) {
      for (YamlNode item : sequence.items()) {
        if (item instanceof YamlNode.Scalar scalar && !scalar.text().isBlank()) {
          items.add(scalar.text());
        } else {
          reading.fault(
              item.line(), at(key), "expected a text in the list, got " + item.described());
        }
      }
    } else {
      reading.fault(
          node.line(), at(key), "expected a list such as [a, b], got " + node.described());
    }
    reading.use(at(key), items.toString(), reading.origin(node.line()));
    return items;
  }

  /**
   * The one open map: any keys, texts as values; its variables turn {@code _} into a dot.
   *
   * @param rule says of a key and its value what is wrong with them; null if nothing is
   */
  Map<String, String> open(Key key, BiFunction<String, String, @Nullable String> rule) {
    declare(key, "a mapping of names to texts", "");
    var lines = new HashMap<String, Integer>();
    var values = new LinkedHashMap<String, String>();
    var origins = new LinkedHashMap<String, String>();
    YamlNode node = node(key);
    if (node instanceof YamlNode.Mapping open) {
      open.entries()
          .forEach(
              (name, value) -> {
                if (value instanceof YamlNode.Scalar scalar) {
                  values.put(name, scalar.text());
                  lines.put(name, value.line());
                  origins.put(name, reading.origin(value.line()));
                } else {
                  reading.fault(
                      value.line(),
                      at(key) + "." + name,
                      "expected a text, got " + value.described());
                }
              });
    } else if (node != null) {
      reading.fault(node.line(), at(key), "expected a mapping, got " + node.described());
    }
    reading
        .variablesUnder(at(key))
        .forEach(
            (variable, value) -> {
              String name =
                  variable
                      .substring(Reading.variableName(at(key)).length() + 1)
                      .toLowerCase(Locale.ROOT)
                      .replace('_', '.');
              values.put(name, value);
              lines.remove(name);
              origins.put(name, variable);
            });
    values.forEach(
        (name, value) -> {
          String origin = origins.getOrDefault(name, "");
          reading.use(
              at(key) + "." + name, SECRET.matcher(name).find() ? "(hidden)" : value, origin);
          String wrong = rule.apply(name, value);
          Integer line = lines.get(name);
          if (wrong != null && line != null) {
            reading.fault(line, at(key) + "." + name, wrong);
          } else if (wrong != null) {
            reading.fault(origin, wrong);
          }
        });
    return values;
  }

  /** A section below this one; an absent one has its defaults. */
  Section section(Key key) {
    declareSection(key, at(key));
    YamlNode node = node(key);
    return below(at(key), node == null ? new YamlNode.Mapping(Map.of(), mapping.line()) : node);
  }

  /** Whether the file or a variable says anything about a section below this one. */
  boolean has(Key key) {
    known.add(key.name());
    return mapping.entries().containsKey(key.name()) || !reading.variablesUnder(at(key)).isEmpty();
  }

  /** Whether a setting that may be a text is given as a section. */
  boolean hasBelow(Key key) {
    return node(key) instanceof YamlNode.Mapping || !reading.variablesUnder(at(key)).isEmpty();
  }

  /** The sections of a list. */
  List<Section> sections(Key key) {
    declareSection(key, at(key) + "[]");
    YamlNode node = node(key);
    var sections = new ArrayList<Section>();
    if (node instanceof YamlNode.Sequence sequence) {
      for (YamlNode item : sequence.items()) {
        sections.add(below(at(key) + "[" + sections.size() + "]", item));
      }
    } else if (node != null) {
      reading.fault(
          node.line(),
          at(key),
          "expected a list, each entry beginning with '-', got " + node.described());
    }
    return sections;
  }

  /** Reports a fault of a setting that was read here. */
  void fault(Key key, String what) {
    YamlNode node = node(key);
    reading.fault(node == null ? mapping.line() : node.line(), at(key), what);
  }

  /** To be called when all settings were read: reports what the file says beyond them. */
  void end() {
    mapping
        .entries()
        .forEach(
            (key, node) -> {
              if (!known.contains(key)) {
                reading.fault(
                    node.line(), at(key), "unknown; known here: " + String.join(", ", known));
              }
            });
  }

  private <T> T value(Key key, T fallback, String expected, Function<String, @Nullable T> parse) {
    String usual = shown(fallback);
    declare(key, expected, usual);
    String setting = at(key);
    String variable = reading.variable(setting);
    YamlNode node = node(key);
    String text;
    if (variable != null) {
      text = variable;
    } else if (node instanceof YamlNode.Scalar scalar) {
      text = scalar.text();
    } else {
      if (node != null) {
        reading.fault(node.line(), setting, "expected " + expected + ", got " + node.described());
      }
      reading.use(setting, usual, "default");
      return fallback;
    }
    T value = parse.apply(text);
    if (value == null) {
      String what =
          "expected " + expected + ", got " + (text.isEmpty() ? "nothing" : "'" + text + "'");
      if (variable != null) {
        reading.fault(Reading.variableName(setting), what);
      } else {
        fault(key, what);
      }
      return fallback;
    }
    reading.use(
        setting,
        text,
        variable != null
            ? Reading.variableName(setting)
            : reading.origin(node == null ? 1 : node.line()));
    return value;
  }

  private Section below(String at, YamlNode node) {
    return switch (node) {
      case YamlNode.Mapping below -> new Section(reading, at, below);
      case YamlNode.Scalar scalar when scalar.text().isEmpty() ->
          new Section(reading, at, new YamlNode.Mapping(Map.of(), scalar.line()));
      default -> {
        reading.fault(node.line(), at, "expected a section, got " + node.described());
        yield new Section(reading, at, new YamlNode.Mapping(Map.of(), node.line()));
      }
    };
  }

  private void declare(Key key, String range, String usual) {
    known.add(key.name());
    reading.declare(at(key), key, range, usual.isEmpty() ? "none" : usual);
  }

  private void declareSection(Key key, String at) {
    known.add(key.name());
    reading.declareSection(at, key);
  }

  private @Nullable YamlNode node(Key key) {
    return mapping.entries().get(key.name());
  }

  private String at(Key key) {
    return at(key.name());
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String shown(Object value) {
    return switch (value) {
      case Enum<?> constant -> word(constant);
      case Double number ->
          BigDecimal.valueOf(number).stripTrailingZeros().toPlainString(); // 0.0005, not 5.0E-4
      default -> value.toString();
    };
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
