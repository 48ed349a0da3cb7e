package dev.nagare.streaming.learn;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.checkpoint.Checkpoint;
import dev.nagare.streaming.kafka.KafkaCluster;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the checkpoint that a roll-back goes back to: in the folder, in the topic, or made again
 * from the log, which may take long, and is told in the status meanwhile.
 *
 * <p>Belongs to the learner's thread.
 *
 * @param learner whose model it is
 * @param cluster where the topics are
 * @param ending whether to give up
 */
record RollBackSearch(Learner learner, KafkaCluster cluster, BooleanSupplier ending) {
  /** Records between two looks at how far it has come. */
  private static final long PROGRESS = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(RollBackSearch.class);

  /**
   * Finds it.
   *
   * @param offset of the record that goes back
   * @param version that the model has
   * @throws LostCheckpointException with the reason, if it cannot be had
   * @throws GivenUpException if it was given up
   * @throws IOException if a copy is whole and cannot be read
   */
  Checkpoint find(CheckpointRecord target, long offset, long version) throws IOException {
    Optional<byte[]> local = learner.parts().folder().read(target.name(), target.sha256());
    if (local.isPresent()) {
      return Checkpoint.read(local.get());
    }
    String what =
        "version " + target.step() + ", which the record at offset " + offset + " goes back to, ";
    var course = new Rebuild.Course(passed -> tell(what, target.lineage(), passed), ending);
    try {
      return learner.rebuild(cluster).target(target, course);
    } catch (GivenUpException e) {
      learner.reports().rollBackTrouble(null);
      throw e;
    } catch (LostCheckpointException e) {
      String trouble =
          what
              + "cannot be had any more ("
              + e.getMessage()
              + "); the model was not taken back, and goes on from version "
              + version;
      learner.reports().rollBackTrouble(trouble);
      LOG.error("{}: {}", learner.config().name(), trouble);
      throw new LostCheckpointException(trouble);
    }
  }

  private void tell(String what, Lineage made, long passed) {
    if (passed == made.firstOffset() || passed % PROGRESS == 0) {
      String how = "is made again from the log, " + passed + " of " + made.nextOffset();
      learner.reports().rollBackTrouble(what + how + "; learning waits");
    }
  }
}
