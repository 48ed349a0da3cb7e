package dev.nagare.streaming.codec;

import dev.nagare.models.online.OnlineConfig.Task;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values of a row by name: the features in order, then the label if the model has one; and what
 * each of them may be, which is the same in every format.
 */
final class RowFields {
  private static final int MOST_SHOWN = 40;

  private final List<String> names;
  private final int features;
  private final int classes;

  private RowFields(List<String> names, int features, int classes) {
    this.names = names;
    this.features = features;
    this.classes = classes;
  }

  static RowFields of(LearnedModel model) {
    var names = new ArrayList<>(model.features());
    String label = model.label();
    if (model.online().task() instanceof Task.Classify classify) {
      if (label == null) {
        throw new IllegalArgumentException(
            "model " + model.name() + ": a classifier needs the name of its label");
      }
      names.add(label);
      return new RowFields(List.copyOf(names), names.size() - 1, classify.classes());
    }
    return new RowFields(List.copyOf(names), names.size(), 0);
  }

  /** Number of values in a row, label included. */
  int size() {
    return names.size();
  }

  /** Number of values without the label. */
  int features() {
    return features;
  }

  String name(int index) {
    return names.get(index);
  }

  boolean isLabel(int index) {
    return index == features;
  }

  /** The label's name; null if the model has none. */
  @Nullable String label() {
    return classes == 0 ? null : names.get(features);
  }

  /** Fails unless a label is a class. The value is exact, for a float would round it. */
  void requireClass(double label) {
    if (!(label >= 0 && label < classes && label == Math.rint(label))) {
      String got =
          label == Math.rint(label) && Math.abs(label) < 1e15
              ? Long.toString((long) label)
              : Double.toString(label);
      throw unexpected(features, got);
    }
  }

  /** A refusal of the value at an index of the row. */
  RefusedRecordException unexpected(int index, String got) {
    return isLabel(index)
        ? new RefusedRecordException(
            Refusal.LABEL,
            "label %s: expected a whole number from 0 to %d, got %s"
                .formatted(name(index), classes - 1, got))
        : new RefusedRecordException(
            Refusal.SCHEMA, "field " + name(index) + ": expected a finite number, got " + got);
  }

  /** A refusal that says more than what was got. */
  RefusedRecordException refused(int index, String what) {
    return new RefusedRecordException(
        isLabel(index) ? Refusal.LABEL : Refusal.SCHEMA,
        (isLabel(index) ? "label " : "field ") + name(index) + ": " + what);
  }

  /** Fails unless the value's size is one that a codec reads. */
  static void requireSize(byte[] value) {
    if (value.length == 0) {
      throw new RefusedRecordException(Refusal.EMPTY, "expected a record, got a value of no bytes");
    }
    if (value.length > RecordCodecs.MAX_BYTES) {
      throw new RefusedRecordException(
          Refusal.OVERSIZE,
          "expected at most " + RecordCodecs.MAX_BYTES + " bytes, got " + value.length);
    }
  }

  /** Text of a record as a message may show it. */
  static String shown(String text) {
    return "'" + shortened(text) + "'";
  }

  /** As much of a text as a message may show. */
  static String shortened(String text) {
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "…";
  }
}
