package dev.nagare.loadtest.drill.verify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The topic that learners read: what a drill put there, and what it meant by it, which it wrote
 * beside each record as header {@value #KIND}.
 */
public final class InputLog {
  /** Header that says what a record is: one of {@link #ROW}, {@link #QUESTION}, {@link #POISON}. */
  public static final String KIND = "drill-kind";

  /** A row, to be learned. */
  public static final String ROW = "row";

  /** A question, to be answered. */
  public static final String QUESTION = "question";

  /** What nobody can read, to be refused. */
  public static final String POISON = "poison";

  private final String topic;
  private final List<RawRecord> records;
  private final Map<Long, String> kinds = new LinkedHashMap<>();

  private InputLog(String topic, List<RawRecord> records) {
    this.topic = topic;
    this.records = records;
    for (RawRecord record : records) {
      kinds.put(record.offset(), record.headers().getOrDefault(KIND, POISON));
    }
  }

  /** The topic as it is now. */
  public static InputLog read(String bootstrap, String topic) {
    return new InputLog(topic, RawTopic.read(bootstrap, topic));
  }

  static InputLog of(String topic, List<RawRecord> records) {
    return new InputLog(topic, records);
  }

  String topic() {
    return topic;
  }

  List<RawRecord> records() {
    return records;
  }

  Map<Long, String> kinds() {
    return kinds;
  }

  /** Offset after the last record. */
  public long end() {
    return records.isEmpty() ? 0 : records.getLast().offset() + 1;
  }

  /** Records of a kind before an offset. */
  long count(String kind, long before) {
    return kinds.entrySet().stream()
        .filter(entry -> entry.getKey() < before && entry.getValue().equals(kind))
        .count();
  }

  List<RawRecord> rows() {
    List<RawRecord> rows = new ArrayList<>();
    for (RawRecord record : records) {
      if (ROW.equals(kinds.get(record.offset()))) {
        rows.add(record);
      }
    }
    return rows;
  }
}
