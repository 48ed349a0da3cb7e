package dev.nagare.streaming.codec;

import java.util.List;

/** How the records of a topic are written. */
public sealed interface RecordFormat {

  /** Requests of the Open Inference Protocol in JSON: input {@code row} or {@code window}. */
  record Protocol() implements RecordFormat {}

  /** A JSON object whose members have the names of features and label; others are passed over. */
  record Json() implements RecordFormat {}

  /**
   * One line of comma-separated values (RFC 4180), without a header.
   *
   * @param columns names of the record's columns, in order; those of features and label are read
   * @param delimiter between values
   */
  record Csv(List<String> columns, char delimiter) implements RecordFormat {}
}
