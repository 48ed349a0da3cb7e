package dev.nagare.server.config;

import dev.nagare.streaming.StreamingConfig.Joining;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.codec.RecordFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An entry of the list {@code models}. */
final class ModelSection {
  /** What Kafka allows in a topic, with room for the endings of the topics named after a model. */
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,199}";

  private static final String DELIMITER = "tab|[\\t !#$%&'()*,/:;<=>?@\\[\\\\\\]^_`{|}~]";

  private ModelSection() {}

  /** How the records of a topic are written. */
  private enum Format {
    PROTOCOL,
    JSON,
    CSV
  }

  /** Where examples come from. */
  private enum Examples {
    RECORDS,
    JOINED
  }

  /** Whether answers of the doors are recorded. */
  private enum Capture {
    OFF,
    SYNC
  }

  /** What a model predicts. */
  private enum Kind {
    FORECAST,
    CLASSIFY
  }

  static LearnedModel read(Section in) {
    String name = in.required("name", "a name of letters, digits, '.', '_' and '-'", NAME);
    boolean joined = in.choice("examples", Examples.RECORDS) == Examples.JOINED;
    boolean capture = in.choice("capture", Capture.OFF) == Capture.SYNC;
    String topic = topic(in, name, joined);
    Format format = joined ? Format.PROTOCOL : in.choice("format", Format.PROTOCOL);
    RecordFormat records = records(in, format);
    List<String> features = features(in);
    boolean classify = in.choice("task", Kind.FORECAST) == Kind.CLASSIFY;
    String label = label(in, classify, format, features);
    requireColumns(in, records, features, label);
    int classes = classes(in, classify);
    Joining joining = JoiningSection.read(in, joined, capture, classes);
    int publishEvery = in.integer("publish-every-steps", 1, 1, Integer.MAX_VALUE);
    int checkpointSeconds = in.integer("checkpoint-interval-seconds", 10, 1, 86_400);
    var online = LearnerSection.read(in, Math.max(1, features.size()), classes, joined);
    in.end();
    return new LearnedModel(
        name,
        topic,
        records,
        features,
        label,
        online,
        publishEvery,
        Duration.ofSeconds(checkpointSeconds),
        capture,
        joining);
  }

  private static String topic(Section in, String name, boolean joined) {
    if (joined) {
      in.none("only for examples: records; joined ones have topic and format", "topic", "format");
      return name + ".examples";
    }
    return in.matching(
        "topic",
        name + ".requests",
        "a topic of letters, digits, '.', '_' and '-'",
        "[A-Za-z0-9._-]{1,249}");
  }

  private static RecordFormat records(Section in, Format format) {
    if (format != Format.CSV) {
      in.none("only for format: csv", "columns", "delimiter");
      return format == Format.JSON ? new RecordFormat.Json() : new RecordFormat.Protocol();
    }
    List<String> columns = in.texts("columns");
    if (columns.isEmpty()) {
      in.fault("columns", "expected the names of a record's columns, in order, got none");
    } else {
      requireOnce(in, "columns", columns);
    }
    String delimiter =
        in.matching(
            "delimiter", ",", "one ASCII character that is no part of numbers, or tab", DELIMITER);
    return new RecordFormat.Csv(columns, delimiter.equals("tab") ? '\t' : delimiter.charAt(0));
  }

  private static List<String> features(Section in) {
    List<String> features = in.texts("features");
    if (features.isEmpty()) {
      in.fault("features", "expected the names of the values in a row, in order, got none");
    } else {
      requireOnce(in, "features", features);
    }
    return features;
  }

  private static void requireOnce(Section in, String key, List<String> names) {
    if (new HashSet<>(names).size() < names.size()) {
      in.fault(key, "expected each name once, got " + names);
    }
  }

  private static @Nullable String label(
      Section in, boolean classify, Format format, List<String> features) {
    if (!classify) {
      in.none("only for task: classify; the label of a forecast is the rows that come", "label");
      return null;
    }
    String label;
    if (format == Format.PROTOCOL) {
      label = in.text("label", "label");
    } else {
      label = in.required("label", "the name of the label in a record", ".*\\S.*");
    }
    if (features.contains(label)) {
      in.fault("label", "expected a name that is not among the features, got '" + label + "'");
    }
    return label;
  }

  private static void requireColumns(
      Section in, RecordFormat records, List<String> features, @Nullable String label) {
    if (records instanceof RecordFormat.Csv csv && !csv.columns().isEmpty()) {
      var missing = new ArrayList<>(features);
      missing.removeAll(csv.columns());
      if (!missing.isEmpty()) {
        in.fault("features", "expected names of columns, got " + missing + " that are none");
      }
      if (label != null && !label.isEmpty() && !csv.columns().contains(label)) {
        in.fault("label", "expected the name of a column, got '" + label + "' that is none");
      }
    }
  }

  /** Number of classes; 0 for a forecast. */
  private static int classes(Section in, boolean classify) {
    if (!classify) {
      in.none("only for task: classify", "classes");
      return 0;
    }
    return in.integer("classes", 2, 2, 65_536);
  }
}
