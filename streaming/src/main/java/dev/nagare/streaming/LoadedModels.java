package dev.nagare.streaming;

import dev.nagare.models.repository.CanaryShare;
import dev.nagare.models.repository.ModelFolder;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.models.repository.ModelRepository;
import dev.nagare.models.repository.RepositoryException;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.tensor.BackgroundThreads;
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
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of a repository, loaded one after the other on a thread of their own, while others
 * answer. A model that cannot be loaded is not ready and says why; the others are not held up by
 * it. What cannot be read does not change what is served.
 *
 * <p>Safe for any thread.
 */
final class LoadedModels implements ModelControl, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LoadedModels.class);

  private final ModelRepository repository;
  private final VersionLoader loader;
  private final Set<String> taken;
  private final Runnable changed;
  private final FolderWatch watch; // of the loader's thread alone
  private final Map<String, LoadedModelService> known = new ConcurrentSkipListMap<>();
  private final Set<String> served = new LinkedHashSet<>(); // guarded by this
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(BackgroundThreads.named("nagare-loader"));

  /**
   * Creates models of which none is loaded yet.
   *
   * @param taken names of models that come from elsewhere
   * @param changed called when another set of models is served
   */
  LoadedModels(
      ModelRepository repository, VersionLoader loader, Set<String> taken, Runnable changed) {
    this.repository = repository;
    this.watch = new FolderWatch(repository);
    this.loader = loader;
    this.taken = taken;
    this.changed = changed;
  }

  /** Begins to load these models, which are served, though not ready, from now on. */
  void begin(List<ModelFolder> folders) {
    for (ModelFolder found : folders) {
      service(found);
      synchronized (this) {
        served.add(found.name());
      }
    }
    folders.forEach(
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
    } catch (RuntimeException e) { // there is another look
      LOG.error("The repository could not be looked at", e);
    }
  }

  /** Looks at the folder once. */
  CompletionStage<Void> lookNow() {
    return submit(this::look);
  }

  /** Loads what is new or was written again, and takes out what has gone. */
  private void look() {
    FolderWatch.Look look;
    try {
      look = watch.look();
    } catch (RepositoryException e) { // nobody knows what is there: nothing is taken out for that
      known.values().forEach(service -> say(service, String.valueOf(e.getMessage())));
      return;
    }
    known.values().forEach(service -> say(service, look.faults().get(service.name())));
    for (ModelFolder found : look.fresh()) {
      if (!taken.contains(found.name())) {
        loadLogged(found);
      }
    }
    List<String> gone;
    synchronized (this) {
      gone = served.stream().filter(name -> !look.names().contains(name)).toList();
    }
    gone.forEach(this::unloadNow);
  }

  private static void say(LoadedModelService service, @Nullable String fault) {
    if (service.unreadable(fault) && fault != null) {
      LOG.error("Model {} answers as before, its folder cannot be used: {}", service.name(), fault);
    }
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

  private LoadedModelService service(ModelFolder found) {
    return known.computeIfAbsent(
        found.name(), name -> new LoadedModelService(name, found.regular().getLast().version()));
  }

  @Override
  public CompletionStage<Void> load(String name) {
    return submit(() -> load(folder(name)));
  }

  private ModelFolder folder(String name) {
    try {
      return repository.model(name);
    } catch (RepositoryException e) {
      throw new ProtocolException(
          repository.contains(name) ? 400 : 404, String.valueOf(e.getMessage()));
    }
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
    Served before = service.takeOut();
    if (before != null) {
      before.versions().forEach(this::retire);
    }
    LOG.info("Unloaded {}", name);
  }

  private void loadLogged(ModelFolder found) {
    try {
      load(found);
    } catch (ProtocolException e) {
      if (e.status() != VersionLoader.STOPPING) {
        LOG.error("{}", e.getMessage());
      }
    }
  }

  /** Serves what a folder says, as far as it can be loaded. */
  private void load(ModelFolder folder) {
    LoadedModelService service = service(folder);
    Served before = service.served();
    List<ServedVersion> next = new ArrayList<>();
    List<LoadException> failures = new ArrayList<>();
    for (ModelPackage wanted : folder.wanted().reversed()) { // the newest is waited for most
      ServedVersion there = before == null ? null : before.find(wanted.version());
      try {
        next.add(
            there != null && there.isFrom(VersionStamp.of(wanted), folder.says())
                ? there
                : loader.open(service, wanted, folder.says()));
      } catch (LoadException e) {
        failures.addFirst(e);
      }
    }
    if (before != null || !next.isEmpty()) {
      serve(service, Served.of(folder, before, next, !failures.isEmpty(), loader.told()));
    }
    failures.forEach(service::failed);
    if (!failures.isEmpty()) {
      throw new ProtocolException(
          400, failures.stream().map(LoadException::getMessage).collect(Collectors.joining("; ")));
    }
  }

  /** Everybody finds these versions from now on; those that were there before end. */
  private void serve(LoadedModelService service, Served next) {
    Served before = service.serve(next);
    boolean fresh;
    synchronized (this) {
      fresh = served.add(service.name());
    }
    if (fresh) {
      changed.run();
    }
    if (before != null) {
      before.versions().stream()
          .filter(old -> !next.versions().contains(old))
          .forEach(this::retire);
    }
    LOG.info("Serving {} versions {}", service.name(), service.versions());
  }

  private void retire(ServedVersion old) {
    // Freed on the loader's thread: not by a lane, which may have been the last to need it.
    old.model()
        .retire(
            model -> {
              try {
                thread.execute(() -> loader.free(model));
              } catch (RejectedExecutionException e) {
                LOG.debug("{} is freed with all the others", model.name(), e);
              }
            });
  }

  @Override
  public CompletionStage<CanaryReport> tryCanary(String name, CanaryShare share) {
    return submit(
        () -> {
          LoadedModelService service = loaded(name);
          Served now = service.requireServed();
          ServedVersion version = now.find(share.version());
          if (now.stable().equals(version)) {
            throw new ProtocolException(
                400,
                share.role()
                    + ": version "
                    + share.version()
                    + " of model '"
                    + name
                    + "' answers already; expected another one");
          }
          if (version == null) {
            version = opened(service, folder(name), share);
          }
          serve(service, now.with(version, share, loader.told()));
          return service.trial().report();
        });
  }

  private ServedVersion opened(LoadedModelService service, ModelFolder folder, CanaryShare share) {
    ModelPackage found =
        folder
            .version(share.version())
            .orElseThrow(
                () ->
                    new ProtocolException(
                        404,
                        share.role()
                            + ": model '"
                            + folder.name()
                            + "' has no version "
                            + share.version()
                            + " in the repository; it has "
                            + folder.present().stream().map(ModelPackage::version).toList()));
    try {
      return loader.open(service, found, folder.says());
    } catch (LoadException e) {
      service.failed(e);
      throw new ProtocolException(400, String.valueOf(e.getMessage()));
    }
  }

  @Override
  public CompletionStage<CanaryReport> promoteCanary(String name) {
    return endCanary(name, (now, canary) -> now.promoted(canary));
  }

  @Override
  public CompletionStage<CanaryReport> abandonCanary(String name) {
    return endCanary(name, (now, canary) -> now.withoutCanary());
  }

  private CompletionStage<CanaryReport> endCanary(
      String name, BiFunction<Served, ServedVersion, Served> how) {
    return submit(
        () -> {
          LoadedModelService service = loaded(name);
          Trial trial = service.trial();
          serve(service, how.apply(service.requireServed(), trial.canary()));
          return trial.report();
        });
  }

  @Override
  public CanaryReport canary(String name) {
    return loaded(name).trial().report();
  }

  private LoadedModelService loaded(String name) {
    LoadedModelService service = known.get(name);
    if (service == null || service.served() == null) {
      throw new ProtocolException(404, "model '" + name + "' is not loaded");
    }
    return service;
  }

  private CompletionStage<Void> submit(Runnable work) {
    return submit(
        () -> {
          work.run();
          return null;
        });
  }

  private <T extends @Nullable Object> CompletionStage<T> submit(Supplier<T> work) {
    try {
      return CompletableFuture.supplyAsync(work, thread);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          new ProtocolException(VersionLoader.STOPPING, "the server is stopping"));
    }
  }

  @Override
  public List<Entry> index() {
    return new ModelIndex(repository, known, loader).entries();
  }

  /**
   * No model is added from now on. One that is being compiled is not waited for, since a final
   * checkpoint cannot wait either: it is freed when it is there.
   */
  void stop() {
    loader.stop();
    thread.shutdown(); // what waits in it looks at the flag
  }

  /** Frees the models; {@link #stop} came before, and the lanes have ended. */
  @Override
  public void close() {
    loader.close();
  }
}
