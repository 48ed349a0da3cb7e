package dev.nagare.streaming;

import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.models.repository.ModelRepository;
import dev.nagare.models.repository.RepositoryException;
import dev.nagare.streaming.batch.Batcher;
import dev.nagare.streaming.batch.LoadedModel;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of a repository, loaded one after the other on a thread of their own, while others
 * answer. A model that cannot be loaded is not ready and says why; the others are not held up by
 * it.
 *
 * <p>Safe for any thread.
 */
final class LoadedModels implements ModelControl, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LoadedModels.class);
  private static final int STOPPING = 503;

  private final ModelRepository repository;
  private final Loading loading;
  private final Lanes lanes;
  private final Set<String> taken;
  private final Runnable changed;
  private final FolderWatch watch; // of the loader's thread alone
  private final Map<String, LoadedModelService> known = new ConcurrentSkipListMap<>();
  private final Set<String> served = new LinkedHashSet<>(); // guarded by this
  private final Set<LoadedModel> alive = new LinkedHashSet<>(); // guarded by this
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("nagare-loader").factory());
  private volatile @Nullable ModelPackage underWay;
  private boolean stopping; // guarded by this

  /** Makes a model of a package; costs up to some seconds. */
  @FunctionalInterface
  interface Loading {
    InferenceModel load(ModelPackage found) throws IOException;
  }

  /** What runs the models. */
  record Lanes(Batcher batcher, int count, StreamingObserver told) {}

  /**
   * Creates models of which none is loaded yet.
   *
   * @param taken names of models that come from elsewhere
   * @param changed called when another set of models is served
   */
  LoadedModels(
      ModelRepository repository,
      Loading loading,
      Lanes lanes,
      Set<String> taken,
      Runnable changed) {
    this.repository = repository;
    this.watch = new FolderWatch(repository);
    this.loading = loading;
    this.lanes = lanes;
    this.taken = taken;
    this.changed = changed;
  }

  /** Begins to load these models, which are served, though not ready, from now on. */
  void begin(List<ModelPackage> packages) {
    for (ModelPackage found : packages) {
      service(found);
      synchronized (this) {
        served.add(found.name());
      }
    }
    packages.forEach(
        found ->
            submit(
                () -> {
                  watch.saw(found);
                  loadLogged(found);
                }));
  }

  /** Looks at the folder again and again. */
  void lookEvery(Duration time) {
    var _ =
        thread.scheduleWithFixedDelay(
            this::lookAndGoOn, time.toMillis(), time.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void lookAndGoOn() {
    try {
      look();
    } catch (RuntimeException e) { // a folder that is away now may be back at the next look
      LOG.error("The repository could not be looked at", e);
    }
  }

  /** Looks at the folder once. */
  CompletionStage<Void> lookNow() {
    return submit(this::look);
  }

  /** Loads what is new or was written again, and takes out what has gone. */
  private void look() {
    for (ModelPackage found : watch.whatIsNew()) {
      if (!taken.contains(found.name())) {
        loadLogged(found);
      }
    }
    List<String> gone;
    synchronized (this) {
      gone = served.stream().filter(name -> !repository.contains(name)).toList();
    }
    gone.forEach(this::unloadNow);
  }

  /** The models that are served, ready or not. */
  synchronized List<ModelService> services() {
    List<ModelService> services = new ArrayList<>();
    known.forEach(
        (name, service) -> {
          if (served.contains(name)) {
            services.add(service);
          }
        });
    return services;
  }

  private LoadedModelService service(ModelPackage found) {
    return known.computeIfAbsent(
        found.name(), name -> new LoadedModelService(name, found.version()));
  }

  @Override
  public CompletionStage<Void> load(String name) {
    return submit(
        () -> {
          ModelPackage found;
          try {
            found = repository.newest(name);
          } catch (RepositoryException e) {
            throw new ProtocolException(
                repository.contains(name) ? 400 : 404, String.valueOf(e.getMessage()));
          }
          load(found);
        });
  }

  @Override
  public CompletionStage<Void> unload(String name) {
    return submit(() -> unloadNow(name));
  }

  private void unloadNow(String name) {
    LoadedModelService service = known.get(name);
    boolean was;
    synchronized (this) {
      was = served.remove(name);
    }
    if (service == null || !was) {
      throw new ProtocolException(404, "model '" + name + "' is not loaded");
    }
    changed.run(); // first, so that callers find no model rather than one without a version
    LoadedModel old = service.takeOut();
    if (old != null) {
      old.retire(this::freeLater);
    }
    LOG.info("Unloaded {}", name);
  }

  private CompletionStage<Void> submit(Runnable work) {
    try {
      return CompletableFuture.runAsync(work, thread);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          new ProtocolException(STOPPING, "the server is stopping"));
    }
  }

  private void loadLogged(ModelPackage found) {
    try {
      load(found);
    } catch (ProtocolException e) {
      if (e.status() != STOPPING) {
        LOG.error("{}", e.getMessage());
      }
    }
  }

  private void load(ModelPackage found) {
    LoadedModelService service = service(found);
    underWay = found;
    try {
      LoadedModel model = compile(found);
      LoadedModel old = service.answerWith(model, new Questions(model, lanes.batcher, lanes.told));
      boolean fresh;
      synchronized (this) {
        fresh = served.add(found.name());
      }
      if (fresh) {
        changed.run();
      }
      if (old != null) {
        old.retire(this::freeLater);
      }
      LOG.info("Loaded {} version {}", found.name(), found.version());
    } catch (IOException | OnnxException | TensorException e) {
      throw failed(service, found, String.valueOf(e.getMessage()));
    } catch (ProtocolException e) {
      throw e;
    } catch (RuntimeException | Error e) { // whatever it is, the other models are not held up
      LOG.error("Model {} version {} could not be loaded", found.name(), found.version(), e);
      throw failed(service, found, String.valueOf(e));
    } finally {
      underWay = null;
    }
  }

  private LoadedModel compile(ModelPackage found) throws IOException {
    requireGoing();
    var model = new LoadedModel(found.name(), found.version(), loading.load(found));
    try {
      model.prepare(lanes.count);
      synchronized (this) {
        requireGoing();
        alive.add(model);
      }
      return model;
    } catch (RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  private synchronized void requireGoing() {
    if (stopping) {
      throw new ProtocolException(STOPPING, "the server is stopping");
    }
  }

  private static ProtocolException failed(
      LoadedModelService service, ModelPackage found, String reason) {
    service.failed(reason);
    return new ProtocolException(
        400,
        "model '"
            + found.name()
            + "' version "
            + found.version()
            + " could not be loaded: "
            + reason);
  }

  /** Frees a model that nobody needs; not here, since a lane may have been the last. */
  private void freeLater(LoadedModel model) {
    try {
      thread.execute(() -> free(model));
    } catch (RejectedExecutionException e) {
      LOG.debug("{} is freed with all the others", model.name(), e);
    }
  }

  private void free(LoadedModel model) {
    boolean mine;
    synchronized (this) {
      mine = alive.remove(model);
    }
    if (mine) {
      model.close();
      LOG.info("Freed {} version {}", model.name(), model.version());
    }
  }

  @Override
  public List<Entry> index() {
    List<Entry> entries = new ArrayList<>();
    for (String name : repository.names()) {
      try {
        repository.versions(name).forEach(found -> entries.add(entry(found)));
      } catch (RepositoryException e) {
        entries.add(new Entry(name, null, State.UNAVAILABLE, String.valueOf(e.getMessage())));
      }
    }
    return entries;
  }

  private Entry entry(ModelPackage found) {
    String version = Long.toString(found.version());
    if (found.equals(underWay)) {
      return new Entry(found.name(), version, State.LOADING, "it is being compiled");
    }
    LoadedModelService service = known.get(found.name());
    if (service == null) {
      return new Entry(found.name(), version, State.UNAVAILABLE, "it was not loaded");
    }
    if (service.answering() == found.version()) {
      return new Entry(found.name(), version, State.READY, "");
    }
    if (isAlive(found)) {
      return new Entry(found.name(), version, State.UNLOADING, "it answers what it accepted");
    }
    String failure = service.failure();
    String reason =
        failure != null
            ? failure
            : service.answering() < 0
                ? "it waits to be loaded"
                : "version " + service.answering() + " answers";
    return new Entry(found.name(), version, State.UNAVAILABLE, reason);
  }

  private synchronized boolean isAlive(ModelPackage found) {
    return alive.stream()
        .anyMatch(model -> model.name().equals(found.name()) && model.version() == found.version());
  }

  /**
   * No model is added from now on. One that is being compiled is not waited for, since a final
   * checkpoint cannot wait either: it is freed when it is there.
   */
  void stop() {
    synchronized (this) {
      stopping = true;
    }
    thread.shutdown(); // what waits in it looks at the flag
  }

  /** Frees the models; {@link #stop} came before, and the lanes have ended. */
  @Override
  public synchronized void close() {
    alive.forEach(LoadedModel::close);
    alive.clear();
  }
}
