package dev.nagare.streaming.join;

import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.PartitionOwner;
import org.jspecify.annotations.Nullable;

/**
 * Puts a model's labels beside its recorded predictions, and makes examples of both: in this
 * process while the group gives it the predictions' partition, in another one otherwise.
 *
 * <p>Safe for any thread.
 */
public final class Join implements AutoCloseable {
  private final PartitionOwner owner;

  /**
   * Joins the group of those who join the model's labels.
   *
   * @param classes of the model
   * @param instance name of this process
   * @param prepare runs before each attempt
   */
  public Join(
      LearnedModel config,
      int classes,
      KafkaCluster cluster,
      String instance,
      Runnable prepare,
      StreamingObserver told) {
    String group = JoinTenure.groupOf(config);
    this.owner =
        new PartitionOwner(
            config.name(),
            group,
            "joining of labels of " + config.name(),
            ending -> {
              try (var tenure = new JoinTenure(config, classes, cluster, told, ending)) {
                tenure.run();
              }
            });
    owner.stand(
        "connecting to Kafka at " + cluster.servers(),
        listener -> cluster.join(group, instance, Capture.topic(config), prepare, listener));
  }

  /** Why labels are not joined now; null if they are, here or by another process. */
  public @Nullable String waiting() {
    return owner.waiting();
  }

  /** Stops at an edge, and leaves the group. */
  @Override
  public void close() {
    owner.close();
  }
}
