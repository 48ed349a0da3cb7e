package dev.nagare.streaming.codec;

import dev.nagare.streaming.protocol.InferenceRequest;
import org.jspecify.annotations.Nullable;

/** Reads the records of one model's topic. One thread at a time. */
public interface RecordCodec {

  /**
   * Reads a record: an observation's values into {@code row}, or a question.
   *
   * @param value the record's bytes, not to be changed
   * @param row receives the features in order, then the label if the model has one
   * @return null if the record was an observation; else the question, the caller's to be closed
   * @throws RefusedRecordException that says what was expected and what was got
   * @throws dev.nagare.streaming.protocol.ProtocolException 429 if the memory for questions is in
   *     use by others: the record is good, and may be read again later
   */
  @Nullable InferenceRequest read(byte[] value, float[] row);

  /** The id that the last observation read asked to be answered under; null if it gave none. */
  default @Nullable String id() {
    return null;
  }
}
