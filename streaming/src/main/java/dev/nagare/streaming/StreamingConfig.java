package dev.nagare.streaming;

import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.repository.Reuse;
import dev.nagare.streaming.codec.RecordFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the streaming side needs to know.
 *
 * @param kafka where the topics are; null for a server without Kafka
 * @param lanes compute threads, 1 or more
 * @param maxBatchRows most windows that a lane runs at once
 * @param queueRows most windows of a class that wait for a lane; what comes beyond is refused with
 *     429
 * @param targetP99 what waiting and computing are meant to take at the 99th percentile
 * @param requestBytes most bytes of requests inside the process, all doors together
 * @param dataFolder where checkpoints are cached
 * @param repository models that are loaded and answer; null for none
 * @param models of this process that learn
 */
public record StreamingConfig(
    @Nullable Kafka kafka,
    int lanes,
    int maxBatchRows,
    int queueRows,
    Duration targetP99,
    long requestBytes,
    Path dataFolder,
    @Nullable RepositoryConfig repository,
    List<LearnedModel> models) {

  /**
   * The Kafka cluster, and this process in it.
   *
   * @param properties client properties as Kafka names them, {@code bootstrap.servers} among them
   * @param topics what to do about topics that are missing at start
   * @param role of this process
   * @param instance the process's name among those of its role, the same after each restart
   * @param delivery of predictions, examples and dead letters
   */
  public record Kafka(
      Map<String, String> properties,
      Topics topics,
      Role role,
      String instance,
      Delivery delivery) {

    /** A process whose outputs are in the topics exactly once. */
    public Kafka(Map<String, String> properties, Topics topics, Role role, String instance) {
      this(properties, topics, role, instance, Delivery.EXACTLY_ONCE);
    }
  }

  /** What to do about topics that are missing at start. */
  public enum Topics {
    /** Names all that are missing at once, with the commands that create them; learning waits. */
    VERIFY,
    /** Creates them. */
    CREATE
  }

  /**
   * A model that learns from a topic.
   *
   * @param name of the model; its topics are {@code <name>.predictions} and {@code
   *     <name>.dead-letter} besides the one it reads
   * @param topic read, one partition; {@code <name>.requests} unless configured
   * @param format of its records
   * @param features names of the values that describe a row, in order
   * @param label name of the label in a record; null where later rows are the label
   * @param online what the model is and how it learns
   * @param publishEvery steps between publications, 1 or more
   * @param checkpointInterval time between checkpoints
   * @param capture whether a door's answer is recorded in {@code <name>.predictions} before it is
   *     given, so that it can be labelled by its id
   * @param joining how labels find their predictions; null for a model whose records carry the
   *     label, or whose later rows are it. A model that has it learns from {@code <name>.examples}
   * @param reuse what of the answers of the version that answers is given more than once
   */
  public record LearnedModel(
      String name,
      String topic,
      RecordFormat format,
      List<String> features,
      @Nullable String label,
      OnlineConfig online,
      int publishEvery,
      Duration checkpointInterval,
      boolean capture,
      @Nullable Joining joining,
      Reuse reuse) {

    /** A model whose records carry what is to be learned. */
    public LearnedModel(
        String name,
        String topic,
        RecordFormat format,
        List<String> features,
        @Nullable String label,
        OnlineConfig online,
        int publishEvery,
        Duration checkpointInterval) {
      this(
          name,
          topic,
          format,
          features,
          label,
          online,
          publishEvery,
          checkpointInterval,
          false,
          null,
          Reuse.NONE);
    }
  }

  /**
   * How labels find their predictions.
   *
   * @param patience how long a prediction waits for its label, in the time of the records; older
   *     ones are forgotten
   * @param most predictions that are remembered, labelled or not, 1 or more; the oldest gives way
   * @param mostBytes of those that wait for their label
   * @param late what is kept of a label whose prediction is forgotten
   * @param unmatched what is kept of a label that is of no prediction
   * @param unlabelled the class that a prediction gets whose label did not come in time; -1 for
   *     none, then it teaches nothing
   */
  public record Joining(
      Duration patience, int most, long mostBytes, Unfit late, Unfit unmatched, int unlabelled) {}

  /** What the dead-letter topic keeps of a label that is not joined. */
  public enum Unfit {
    /** The label as it was, to be looked at, mended and sent again. */
    KEEP,
    /** That there was one, where, and why it was not joined: no data of the caller's. */
    NOTE
  }
}
