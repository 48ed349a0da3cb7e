package dev.nagare.streaming;

import dev.nagare.models.inference.ModelOptions;
import dev.nagare.models.online.Compute;
import dev.nagare.models.online.OnlineConfig.Task.ClassifyExamples;
import dev.nagare.models.online.OnlineModel;
import dev.nagare.models.repository.ModelFolder;
import dev.nagare.models.repository.ModelRepository;
import dev.nagare.models.repository.RepositoryException;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.batch.Batcher;
import dev.nagare.streaming.batch.Publication;
import dev.nagare.streaming.batch.PublishedModel;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.checkpoint.Registry;
import dev.nagare.streaming.join.Join;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LogAppender;
import dev.nagare.streaming.kafka.TopicSpec;
import dev.nagare.streaming.kafka.TopicSpec.Cleanup;
import dev.nagare.streaming.learn.LearnedModelService;
import dev.nagare.streaming.learn.Learner;
import dev.nagare.streaming.learn.ProductModels;
import dev.nagare.streaming.learn.RegistryFollower;
import dev.nagare.streaming.learn.StartingPoint;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.streaming.rehearsal.OnlineModels;
import dev.nagare.streaming.rehearsal.Rehearsal;
import dev.nagare.tensor.MemoryPool;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
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
  private volatile Runnable modelsChanged = () -> {};
  private final Map<String, Learner> learners = new LinkedHashMap<>();
  private final List<LearnedModelService> learned = new ArrayList<>();
  private final List<Join> joins = new ArrayList<>();
  private final List<Publication> publications = new ArrayList<>();
  private final CompletableFuture<String> fenced = new CompletableFuture<>();
  private @Nullable KafkaCluster cluster;
  private @Nullable RegistryFollower follower;
  private @Nullable LogAppender appender;
  private @Nullable LoadedModels loader;
  private boolean polled;
  private boolean closed;

  private Streaming(ProtocolJson codec, Batcher batcher) {
    this.codec = codec;
    this.batcher = batcher;
  }

  /**
   * Starts lanes and models: answers with the newest checkpoints of the local cache, stands for
   * election as the models' learner, and warms the kernels up; a learner that is elected meanwhile
   * learns already. Kafka need not be there yet.
   *
   * @throws IllegalStateException with the remedy in one line, if the start cannot succeed: a
   *     checkpoint of another configuration, a data folder that cannot be written
   */
  public static Streaming start(StreamingConfig config, StreamingObserver observer) {
    return start(config, observer, RecordFollower.NONE, ownBudget(), Rehearsal.NONE);
  }

  /**
   * Starts as part of a process that has more.
   *
   * @param follower of the records of topics
   * @param budget that the doors draw from, too
   */
  public static Streaming start(
      StreamingConfig config,
      StreamingObserver observer,
      RecordFollower follower,
      ByteBudget budget) {
    return start(config, observer, follower, budget, Rehearsal.NONE);
  }

  /** Starts for a drill. */
  public static Streaming start(
      StreamingConfig config, StreamingObserver observer, Rehearsal rehearsal) {
    return start(config, observer, RecordFollower.NONE, ownBudget(), rehearsal);
  }

  private static ByteBudget ownBudget() {
    return new ByteBudget(ByteBudget.usualBytes(), who -> {});
  }

  private static Streaming start(
      StreamingConfig config,
      StreamingObserver observer,
      RecordFollower follower,
      ByteBudget budget,
      Rehearsal rehearsal) {
    var compute = Compute.best(new MemoryPool("snapshots", SNAPSHOT_BYTES));
    OnlineModels models = rehearsal.models(new ProductModels(compute));
    var codec = new ProtocolJson(new MemoryPool("requests", config.requestBytes()));
    var batcher =
        new Batcher(
            new Batcher.Limits(
                config.lanes(),
                config.maxBatchRows(),
                config.queueRows(),
                config.targetP99().toNanos()),
            threads("nagare-lane-"),
            observer);
    var streaming = new Streaming(codec, batcher);
    List<OnlineModel> cold = new ArrayList<>();
    try {
      Map<String, Questions> questions = new LinkedHashMap<>();
      for (LearnedModel model : config.models()) {
        var start = StartingPoint.open(model, config.dataFolder(), models, rehearsal);
        cold.add(start.model());
        var parts = new Learner.Parts(start.folder(), start.lock(), models, rehearsal, follower);
        questions.put(model.name(), streaming.add(model, start, parts, observer));
      }
      StreamingConfig.Kafka kafka = config.kafka();
      if (kafka != null) {
        // The group elects, the log is read and the state is loaded while kernels warm up.
        streaming.join(kafka, config.models(), questions, observer, budget);
      }
      cold.forEach(OnlineModel::warmUp);
      streaming.load(config, observer);
      return streaming;
    } catch (RuntimeException e) {
      streaming.close();
      throw e;
    } finally {
      cold.forEach(OnlineModel::close);
    }
  }

  private Questions add(
      LearnedModel config, StartingPoint start, Learner.Parts parts, StreamingObserver told) {
    OnlineModel model = start.model();
    var publication = new Publication(model.snapshot(), start.lineage());
    var served = new PublishedModel(config.name(), model.signature(), publication);
    publications.add(publication);
    told.published(config.name(), publication.peek().snapshot().version());
    var learner = new Learner(config, served, parts, threads("nagare-learner-"), told);
    learners.put(config.name(), learner);
    var questions = new Questions(served, batcher, told).reusing(config.reuse());
    var service = new LearnedModelService(questions, learner);
    learned.add(service);
    services.put(config.name(), service);
    return questions;
  }

  /** Begins to load the models of the repository. */
  private void load(StreamingConfig config, StreamingObserver told) {
    RepositoryConfig from = config.repository();
    if (from == null) {
      return;
    }
    var repository = new ModelRepository(from.folder(), from.files());
    List<ModelFolder> folders = new ArrayList<>();
    try {
      if (from.control() == RepositoryConfig.Control.EXPLICIT) {
        from.load().forEach(name -> folders.add(repository.model(name)));
      } else {
        folders.addAll(repository.models());
      }
    } catch (RepositoryException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
    for (ModelFolder found : folders) {
      if (services.containsKey(found.name())) {
        throw new IllegalStateException(
            "model "
                + found.name()
                + " is in the repository "
                + from.folder()
                + " and among the models that learn; give one of them another name");
      }
    }
    ModelOptions options = ModelOptions.best().mostRows(config.maxBatchRows());
    var versions =
        new VersionLoader(
            new CompiledPackages(options, from.files()),
            new VersionLoader.Lanes(batcher, config.lanes(), told),
            from.memoryBytes());
    var begun =
        new LoadedModels(
            repository, versions, Set.copyOf(services.keySet()), () -> modelsChanged.run());
    loader = begun;
    begun.begin(folders);
    polled = from.control() == RepositoryConfig.Control.POLL;
    if (polled) {
      begun.lookEvery(from.poll());
    }
  }

  private void join(
      StreamingConfig.Kafka kafka,
      List<LearnedModel> models,
      Map<String, Questions> questions,
      StreamingObserver observer,
      ByteBudget budget) {
    var to = new KafkaCluster(kafka.properties(), kafka.delivery());
    cluster = to;
    boolean create = kafka.topics() == StreamingConfig.Topics.CREATE;
    // All topics of all models at once: whoever has to mend them learns of every fault.
    List<TopicSpec> topics = topicsOf(models);
    Runnable prepare =
        () -> {
          to.requireTransactions();
          to.requireTopics(topics, create);
        };
    LogAppender log = to.appender(budget);
    appender = log;
    for (LearnedModel model : models) {
      Learner learner = Objects.requireNonNull(learners.get(model.name()));
      if (kafka.role() == Role.SCORER) {
        learner.followOnly(to);
      } else {
        Questions asked = Objects.requireNonNull(questions.get(model.name()));
        learner.start(to, asked, codec, kafka.instance(), prepare, fenced::complete);
      }
    }
    follower = new RegistryFollower(to, prepare, learners);
    for (LearnedModelService service : learned) {
      service.open(to, log, codec);
      LearnedModel model = service.config();
      if (kafka.role() != Role.SCORER && model.online().task() instanceof ClassifyExamples task) {
        var join = new Join(model, task.classes(), to, kafka.instance(), prepare, observer);
        joins.add(join);
        service.joins(join);
      }
    }
  }

  /** Every topic that models need. */
  public static List<TopicSpec> topicsOf(List<LearnedModel> models) {
    List<TopicSpec> topics = new ArrayList<>();
    for (LearnedModel model : models) {
      String name = model.name();
      topics.add(
          new TopicSpec(
              model.topic(), Cleanup.DELETE, "the records that " + name + " learns from"));
      if (model.joining() != null) {
        topics.add(new TopicSpec(name + ".labels", Cleanup.DELETE, "the labels of " + name));
      }
      topics.add(
          new TopicSpec(name + ".predictions", Cleanup.DELETE, "what " + name + " predicts"));
      topics.add(new TopicSpec(name + ".dead-letter", Cleanup.DELETE, "what " + name + " refuses"));
    }
    topics.add(new TopicSpec(Registry.REGISTRY, Cleanup.COMPACT, "which checkpoints are current"));
    topics.add(new TopicSpec(Registry.SNAPSHOTS, Cleanup.COMPACT, "the checkpoints themselves"));
    return topics.stream().distinct().toList();
  }

  private static ThreadFactory threads(String prefix) {
    return Thread.ofPlatform().daemon().name(prefix, 0).factory();
  }

  /** The models that are served now, ready or not: those that learn, then those of the folder. */
  public Collection<ModelService> models() {
    List<ModelService> all = new ArrayList<>(services.values());
    if (loader != null) {
      all.addAll(loader.services());
    }
    return List.copyOf(all);
  }

  /** The model of that name. */
  public Optional<ModelService> model(String name) {
    return models().stream().filter(model -> model.name().equals(name)).findFirst();
  }

  /** Calls, on another thread, whenever {@link #models} has become another set. */
  public void whenModelsChange(Runnable then) {
    modelsChanged = then;
  }

  /** Loads and unloads models. */
  public ModelControl control() {
    return new ServedControl(services.values(), loader, polled);
  }

  /** The codec of the doors; its requests live in this process's request pool. */
  public ProtocolJson codec() {
    return codec;
  }

  /**
   * Lets the thread of the doors compute what is quickly done.
   *
   * @param thread of the doors
   * @param afterwards runs tasks on that thread, after what it is at
   */
  public void lend(Thread thread, Executor afterwards) {
    batcher.lend(thread, afterwards);
  }

  /** Completes, with the reason, when another process takes a model over without being asked to. */
  public CompletionStage<String> fenced() {
    return fenced.minimalCompletionStage();
  }

  /**
   * Why the newest checkpoints could not be written, a sentence for each model with the remedy;
   * empty if all could. After {@link #close}: of the final ones.
   */
  public List<String> unsaved() {
    return learners.values().stream()
        .map(Learner::checkpointError)
        .filter(Objects::nonNull)
        .toList();
  }

  /**
   * Gives up what callers wait for and no lane has begun: they get 503. Records of topics go on.
   */
  public void giveUpWaiting() {
    batcher.giveUpInteractive();
  }

  /**
   * Drains: stops reading at a record edge, answers what was accepted, writes the final
   * checkpoints, leaves the groups, stops the lanes, frees the memory. A second call does nothing.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (follower != null) {
      follower.close();
    }
    if (loader != null) {
      loader.stop();
    }
    joins.forEach(Join::close);
    learners.values().forEach(Learner::close);
    batcher.close();
    if (loader != null) {
      loader.close();
    }
    publications.forEach(Publication::close);
    if (appender != null) {
      appender.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }
}
