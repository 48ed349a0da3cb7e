package dev.nagare.server.config;

import dev.nagare.models.repository.ModelName;
import dev.nagare.models.repository.Reuse;
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
  private static final String DELIMITER_FORM = "tab|[\\t !#$%&'()*,/:;<=>?@\\[\\\\\\]^_`{|}~]";

  static final Key NAME = Key.of("name", "the model's name, in calls, topics and folders");
  static final Key EXAMPLES =
      Key.of(
          "examples",
          "`records`: a record of the topic is an example; `joined`, for `task:"
              + " classify` with `capture: sync`: the model learns from `<name>.examples`,"
              + " which the join makes of recorded predictions and their labels; then `topic`"
              + " and `format` have no place");
  private static final Key CAPTURE =
      Key.of(
          "capture",
          "`sync`: what a door answers is recorded in `<name>.predictions`, features and"
              + " all, before it is answered, and the answer has a `prediction_id`; costs an"
              + " acknowledgement per answer, and needs `kafka`. [Learning at the"
              + " doors](learning-at-the-doors.md)");
  static final Key TOPIC =
      Key.of(
              "topic",
              "what it learns from; one partition, one model. It writes `<name>.predictions`"
                  + " and `<name>.dead-letter`")
          .usually("`<name>.requests`");
  private static final Key FORMAT =
      Key.of("format", "how records are written. [Records](kafka.md#records)");
  private static final Key COLUMNS =
      Key.of("columns", "for `format: csv`: names of a record's columns, in order")
          .usually("required");
  private static final Key DELIMITER =
      Key.of("delimiter", "for `format: csv`: what stands between columns");
  private static final Key FEATURES =
      Key.of("features", "names of the values that the model sees, in order").usually("required");
  private static final Key TASK =
      Key.of(
          "task",
          "`forecast`: the rows to come are the label; `classify`: the label is in the"
              + " record");
  private static final Key LABEL =
      Key.of("label", "for `task: classify`: its name in the record")
          .usually("`label` for `format: protocol`, else required")
          .within("a text");
  private static final Key CLASSES =
      Key.of("classes", "for `task: classify`: labels are the whole numbers from 0 to below this");
  private static final Key PUBLISH_EVERY =
      Key.of(
              "publish-every-steps",
              "steps of the learner between publications: how fresh answers are against what"
                  + " a new version costs the lanes")
          .in("steps");
  private static final Key CHECKPOINT_INTERVAL =
      Key.of("checkpoint-interval-seconds", "how much is learned again after a kill").in("s");

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
    String name = in.required(NAME, "a name of " + ModelName.EXPECTED, ModelName.PATTERN);
    boolean joined = in.choice(EXAMPLES, Examples.RECORDS) == Examples.JOINED;
    boolean capture = in.choice(CAPTURE, Capture.OFF) == Capture.SYNC;
    String topic = topic(in, name, joined);
    Format format = joined ? Format.PROTOCOL : in.choice(FORMAT, Format.PROTOCOL);
    RecordFormat records = records(in, format);
    List<String> features = features(in);
    boolean classify = in.choice(TASK, Kind.FORECAST) == Kind.CLASSIFY;
    String label = label(in, classify, format, features);
    requireColumns(in, records, features, label);
    int classes = classes(in, classify);
    Joining joining = JoiningSection.read(in, joined, capture, classes);
    int publishEvery = in.integer(PUBLISH_EVERY, 1, 1, Integer.MAX_VALUE);
    int checkpointSeconds = in.integer(CHECKPOINT_INTERVAL, 10, 1, 86_400);
    Reuse reuse = ReuseSection.read(in);
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
        joining,
        reuse);
  }

  private static String topic(Section in, String name, boolean joined) {
    if (joined) {
      in.none("only for examples: records; joined ones have topic and format", TOPIC, FORMAT);
      return name + ".examples";
    }
    return in.matching(
        TOPIC,
        name + ".requests",
        "a topic of letters, digits, '.', '_' and '-'",
        "[A-Za-z0-9._-]{1,249}");
  }

  private static RecordFormat records(Section in, Format format) {
    if (format != Format.CSV) {
      in.none("only for format: csv", COLUMNS, DELIMITER);
      return format == Format.JSON ? new RecordFormat.Json() : new RecordFormat.Protocol();
    }
    List<String> columns = in.texts(COLUMNS);
    if (columns.isEmpty()) {
      in.fault(COLUMNS, "expected the names of a record's columns, in order, got none");
    } else {
      requireOnce(in, COLUMNS, columns);
    }
    String delimiter =
        in.matching(
            DELIMITER,
            ",",
            "one ASCII character that is no part of numbers, or tab",
            DELIMITER_FORM);
    return new RecordFormat.Csv(columns, delimiter.equals("tab") ? '\t' : delimiter.charAt(0));
  }

  private static List<String> features(Section in) {
    List<String> features = in.texts(FEATURES);
    if (features.isEmpty()) {
      in.fault(FEATURES, "expected the names of the values in a row, in order, got none");
    } else {
      requireOnce(in, FEATURES, features);
    }
    return features;
  }

  private static void requireOnce(Section in, Key key, List<String> names) {
    if (new HashSet<>(names).size() < names.size()) {
      in.fault(key, "expected each name once, got " + names);
    }
  }

  private static @Nullable String label(
      Section in, boolean classify, Format format, List<String> features) {
    if (!classify) {
      in.none("only for task: classify; the label of a forecast is the rows that come", LABEL);
      return null;
    }
    String label;
    if (format == Format.PROTOCOL) {
      label = in.text(LABEL, "label");
    } else {
      label = in.required(LABEL, "the name of the label in a record", ".*\\S.*");
    }
    if (features.contains(label)) {
      in.fault(LABEL, "expected a name that is not among the features, got '" + label + "'");
    }
    return label;
  }

  private static void requireColumns(
      Section in, RecordFormat records, List<String> features, @Nullable String label) {
    if (records instanceof RecordFormat.Csv csv && !csv.columns().isEmpty()) {
      var missing = new ArrayList<>(features);
      missing.removeAll(csv.columns());
      if (!missing.isEmpty()) {
        in.fault(FEATURES, "expected names of columns, got " + missing + " that are none");
      }
      if (label != null && !label.isEmpty() && !csv.columns().contains(label)) {
        in.fault(LABEL, "expected the name of a column, got '" + label + "' that is none");
      }
    }
  }

  /** Number of classes; 0 for a forecast. */
  private static int classes(Section in, boolean classify) {
    if (!classify) {
      in.none("only for task: classify", CLASSES);
      return 0;
    }
    return in.integer(CLASSES, 2, 2, 65_536);
  }
}
