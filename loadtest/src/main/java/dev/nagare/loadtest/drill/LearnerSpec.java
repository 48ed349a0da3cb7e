package dev.nagare.loadtest.drill;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.streaming.rehearsal.CrashPoint;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * One life of a learner, as its process reads it from a file.
 *
 * @param bootstrap where the broker is
 * @param model name of the model
 * @param topic that it learns from
 * @param instance name of the learner in its group
 * @param data its folder
 * @param ledger where it says what it has done
 * @param pace how it goes; nothing that it learns may depend on it
 * @param fault what befalls it
 * @param goal when it ends by itself, in order
 */
record LearnerSpec(
    String bootstrap,
    String model,
    String topic,
    String instance,
    Path data,
    Path ledger,
    Pace pace,
    Fault fault,
    Goal goal) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * How a learner goes about it.
   *
   * @param lanes compute threads
   * @param pollRecords most records of a poll
   * @param publishEvery steps between publications
   * @param checkpointMillis between checkpoints
   * @param warm whether its kernels run on scratch data first; without it the first rows meet code
   *     that nobody has compiled
   */
  record Pace(int lanes, int pollRecords, int publishEvery, long checkpointMillis, boolean warm) {}

  /**
   * What befalls a learner.
   *
   * @param point where its process halts; null for nowhere
   * @param checkpoints that are committed in this life before passages are counted
   * @param passage the point's passage at which that happens, from 1
   * @param fullDisk files that its disk has no room for, before there is room
   * @param sabotage a promise that it breaks
   */
  record Fault(
      @Nullable CrashPoint point, int checkpoints, long passage, int fullDisk, Sabotage sabotage) {
    static final Fault NONE = of(Sabotage.NONE);

    static Fault of(Sabotage sabotage) {
      return new Fault(null, 0, 0, 0, sabotage);
    }
  }

  /**
   * When a learner ends.
   *
   * @param steps of this life; 0 for no such goal
   * @param nextOffset that it must have learned up to; 0 for no such goal
   */
  record Goal(long steps, long nextOffset) {
    static final Goal NONE = new Goal(0, 0);

    /** Learns the whole log. */
    static Goal end(long nextOffset) {
      return new Goal(0, nextOffset);
    }

    boolean reached(long stepsDone, long learnedTo) {
      return (steps > 0 && stepsDone >= steps) || (nextOffset > 0 && learnedTo >= nextOffset);
    }
  }

  void write(Path file) throws IOException {
    JSON.writeValue(file.toFile(), this);
  }

  static LearnerSpec read(Path file) throws IOException {
    return JSON.readValue(file.toFile(), LearnerSpec.class);
  }
}
