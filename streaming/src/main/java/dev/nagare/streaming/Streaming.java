package dev.nagare.streaming;

import dev.nagare.models.online.Compute;
import dev.nagare.models.online.OnlineModel;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.MemoryPool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The streaming side of one process: lanes, batcher, models, learners and their topics.
 *
 * <p>Safe for any thread.
 */
public final class Streaming implements AutoCloseable {
  /** Most bytes in snapshots that somebody still reads: far more than versions at one time. */
  private static final long SNAPSHOT_BYTES = 1L << 28;

  private final ProtocolJson codec;
  private final Batcher batcher;
  private final Map<String, ModelService> services = new LinkedHashMap<>();
  private final List<Learner> learners = new ArrayList<>();
  private final List<Publication> publications = new ArrayList<>();
  private @Nullable KafkaCluster cluster;
  private boolean closed;

  private Streaming(ProtocolJson codec, Batcher batcher) {
    this.codec = codec;
    this.batcher = batcher;
  }

  /**
   * Starts lanes and models: restores the newest checkpoints, warms the kernels up, publishes, and
   * begins to read the topics. Kafka need not be there yet.
   *
   * @throws IllegalStateException with the remedy in one line, if the start cannot succeed: a
   *     checkpoint of another configuration, a data folder that cannot be written
   */
  public static Streaming start(StreamingConfig config, StreamingObserver observer) {
    var compute = Compute.best(new MemoryPool("snapshots", SNAPSHOT_BYTES));
    return start(config, observer, new Forecasters(compute), FileLayer.DISK);
  }

  /** Starts with models and files of the caller's choice. */
  static Streaming start(
      StreamingConfig config, StreamingObserver told, OnlineModels models, FileLayer files) {
    ThreadFactory lanes = threads("nagare-lane-");
    var codec = new ProtocolJson(new MemoryPool("requests", config.requestBytes()));
    var batcher =
        new Batcher(config.lanes(), config.maxBatchRows(), config.queueRows(), lanes, told);
    var streaming = new Streaming(codec, batcher);
    try {
      StreamingConfig.Kafka kafka = config.kafka();
      KafkaCluster cluster = kafka == null ? null : new KafkaCluster(kafka.properties());
      streaming.cluster = cluster;
      for (LearnedModel model : config.models()) {
        var state =
            LearnerState.open(model, config.dataFolder().resolve(model.name()), files, models);
        Questions questions = streaming.add(model, state, told);
        if (kafka != null && cluster != null) {
          boolean create = kafka.topics() == StreamingConfig.Topics.CREATE;
          streaming.learners.getLast().start(cluster, questions, codec, create);
        }
      }
      return streaming;
    } catch (RuntimeException e) {
      streaming.close();
      throw e;
    }
  }

  private Questions add(LearnedModel config, LearnerState state, StreamingObserver told) {
    OnlineModel model = state.model();
    model.warmUp();
    var publication = new Publication(model.snapshot(), state.lineage());
    publications.add(publication);
    var served = new ServedModel(config.name(), model.window(), model.features(), publication);
    told.published(config.name(), model.version());
    var learner = new Learner(config, served, state, threads("nagare-learner-"), told);
    learners.add(learner);
    var questions = new Questions(served, batcher, told);
    services.put(config.name(), new LearnedModelService(questions, learner));
    return questions;
  }

  private static ThreadFactory threads(String prefix) {
    return Thread.ofPlatform().daemon().name(prefix, 0).factory();
  }

  /** The model of that name. */
  public Optional<ModelService> model(String name) {
    return Optional.ofNullable(services.get(name));
  }

  /** All models. */
  public Collection<ModelService> models() {
    return Collections.unmodifiableCollection(services.values());
  }

  /** The codec of the doors; its requests live in this process's request pool. */
  public ProtocolJson codec() {
    return codec;
  }

  /**
   * Why the newest checkpoints could not be written, a sentence for each model with the remedy;
   * empty if all could. After {@link #close}: of the final ones.
   */
  public List<String> unsaved() {
    return learners.stream().map(Learner::checkpointError).filter(Objects::nonNull).toList();
  }

  /**
   * Drains: stops reading at a record edge, answers what was accepted, writes the final
   * checkpoints, stops the lanes, frees the memory. A second call does nothing.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    learners.forEach(Learner::close);
    batcher.close();
    publications.forEach(Publication::close);
    if (cluster != null) {
      cluster.close();
    }
  }
}
