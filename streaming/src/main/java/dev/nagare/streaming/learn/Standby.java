package dev.nagare.streaming.learn;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.checkpoint.Checkpoint;
import dev.nagare.streaming.checkpoint.Registry;
import dev.nagare.streaming.checkpoint.RegistryEntry;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.rehearsal.OnlineModels;
import java.io.IOException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a process answers with that does not learn a model: the newest checkpoint of the one that
 * does.
 *
 * <p>Belongs to the learner's thread.
 *
 * @param config of the model
 * @param models where it comes from
 * @param reports told of what is known
 */
record Standby(LearnedModel config, OnlineModels models, LearnerReports reports) {
  private static final Logger LOG = LoggerFactory.getLogger(Standby.class);

  /** Answers with the newest of these checkpoints, if it is newer than what answers. */
  void adopt(KafkaCluster kafka, RegistryEntry known) {
    if (known.checkpoints().isEmpty()) {
      return;
    }
    reports.entry(known);
    CheckpointRecord newest = known.checkpoints().getFirst();
    if (newest.step() <= reports.published()) {
      return;
    }
    try {
      Optional<byte[]> blob = new Registry(kafka).fetch(newest);
      if (blob.isPresent()) {
        Checkpoint checkpoint = Checkpoint.read(blob.get());
        try (LearnerState state = LearnerState.restored(config, models, checkpoint)) {
          reports.publish(state);
        }
      }
    } catch (IOException | RuntimeException e) { // the next checkpoint may be better
      LOG.warn("{}: checkpoint {} cannot be used here", config.name(), newest.name(), e);
    }
  }
}
