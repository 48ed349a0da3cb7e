package dev.nagare.streaming.learn;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.checkpoint.RegistryEntry;
import dev.nagare.streaming.codec.RefusedRecordException;
import dev.nagare.streaming.kafka.RecordBatch;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A record in the learner's input that takes the model back to an earlier checkpoint. It goes
 * through the log like everything that changes a model, so that a replay comes to the same bits.
 *
 * <p>Its value is that of a registry record, with the one checkpoint that is meant: by hash, and by
 * the records that made it, from which it can be made again when every copy is gone.
 *
 * @param target what to go back to
 */
record RollBack(CheckpointRecord target) {
  private static final String HEADER = "nagare-control";
  private static final String ROLL_BACK = "roll-back";

  /** The headers of such a record. */
  static Map<String, String> headers(String call) {
    return Map.of(HEADER, ROLL_BACK, LearnCalls.HEADER, call);
  }

  /** Its value. */
  byte[] value(String model) {
    return new RegistryEntry(model, List.of(target)).toJson();
  }

  /**
   * Reads a record; null if it is not of this kind.
   *
   * @throws RefusedRecordException if it is, but of another model or not readable
   */
  static @Nullable RollBack of(RecordBatch batch, int index, byte[] value, String model) {
    String control = batch.header(index, HEADER);
    if (control == null) {
      return null;
    }
    try {
      RegistryEntry entry = RegistryEntry.parse(value);
      if (!entry.model().equals(model)) {
        throw new RefusedRecordException(
            Refusal.UNKNOWN_MODEL, "roll-back: expected model " + model + ", got " + entry.model());
      }
      if (control.equals(ROLL_BACK) && entry.checkpoints().size() == 1) {
        return new RollBack(entry.checkpoints().getFirst());
      }
    } catch (IOException e) {
      throw new RefusedRecordException(Refusal.MALFORMED, "roll-back: " + e.getMessage());
    }
    throw new RefusedRecordException(
        Refusal.MALFORMED, "header " + HEADER + ": expected roll-back to one checkpoint");
  }
}
