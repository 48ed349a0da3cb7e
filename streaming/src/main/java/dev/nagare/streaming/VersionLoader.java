package dev.nagare.streaming;

import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.MemoryBudget;
import dev.nagare.models.inference.Precision;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.models.processing.Processing;
import dev.nagare.models.repository.ModelFile;
import dev.nagare.models.repository.ModelPackage;
import dev.nagare.streaming.batch.Batcher;
import dev.nagare.streaming.batch.LoadedModel;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.tensor.BackgroundThreads;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads versions of models, and frees them. Versions are loaded by one thread; everything else is
 * for any.
 */
final class VersionLoader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(VersionLoader.class);

  /** So long after its start the JVM has compiled what callers run often. */
  private static final long WARM_MILLIS = TimeUnit.SECONDS.toMillis(30);

  /** The status of what comes when the server is stopping. */
  static final int STOPPING = 503;

  private final Loading loading;
  private final Lanes lanes;
  private final MemoryLimits memory;
  private final Map<LoadedModel, MemoryLimits.Share> alive = new LinkedHashMap<>(); // guarded
  private volatile @Nullable ModelPackage underWay;
  private boolean stopping; // guarded by this

  /** Makes a model of a package; costs up to some seconds. */
  @FunctionalInterface
  interface Loading {
    /**
     * Makes it.
     *
     * @param before what answers now, of which the new one may take over what is the same; null for
     *     nothing
     */
    InferenceModel load(
        ModelPackage found,
        Precision precision,
        MemoryBudget budget,
        @Nullable InferenceModel before)
        throws IOException;

    /** Reads what stands before and after that model. */
    default Processing processing(ModelPackage found, InferenceModel model) throws IOException {
      return Processing.NONE;
    }
  }

  /** What runs the models. */
  record Lanes(Batcher batcher, int count, StreamingObserver told) {}

  /**
   * Creates a loader.
   *
   * @param mostBytes that all versions may hold
   */
  VersionLoader(Loading loading, Lanes lanes, long mostBytes) {
    this.loading = loading;
    this.lanes = lanes;
    this.memory = new MemoryLimits(mostBytes, lanes.count, lanes.told);
  }

  /** Who is told of what models do. */
  StreamingObserver told() {
    return lanes.told;
  }

  /**
   * Loads a version and prepares every lane for it.
   *
   * @param of the model whose version it is
   * @param says how much all versions of the model may hold, how they compute, what they remember
   * @throws LoadException if it cannot be loaded; the others are not held up by that
   * @throws ProtocolException if the server is stopping
   */
  ServedVersion open(LoadedModelService of, ModelPackage found, ModelFile says)
      throws LoadException {
    VersionStamp stamp = VersionStamp.of(found); // before, so that what comes meanwhile is new
    underWay = found;
    MemoryLimits.Share share = memory.open(found, says.memoryBytes());
    boolean done = false;
    try {
      if (says.reuse().cacheBytes() > 0) {
        share.cache(says.reuse().cacheBytes());
      }
      Served served = of.served();
      ServedVersion before = served == null ? null : served.stable();
      LoadedModel model = compile(found, says.precision(), share, before);
      done = true;
      LOG.info(
          "Loaded {} version {}: {}",
          found.name(),
          found.version(),
          new TreeMap<>(model.parameters()));
      var questions = new Questions(model, lanes.batcher, lanes.told);
      if (before != null && model.costsLike(before.model())) {
        questions = questions.likeThoseOf(before.questions());
      }
      return new ServedVersion(of, model, questions.reusing(says.reuse()), stamp, says);
    } catch (IOException | OnnxException | TensorException e) {
      lanes.told.loadFailed(found.name(), isOutOfBudget(e) ? "memory" : "unusable");
      throw new LoadException(found, String.valueOf(e.getMessage()), e);
    } catch (ProtocolException e) {
      throw e;
    } catch (RuntimeException | Error e) { // whatever it is, the other models are not held up
      LOG.error("Model {} version {} could not be loaded", found.name(), found.version(), e);
      lanes.told.loadFailed(found.name(), "unusable");
      throw new LoadException(found, String.valueOf(e), e);
    } finally {
      underWay = null;
      if (!done) {
        share.close();
      }
    }
  }

  private static boolean isOutOfBudget(Exception e) {
    return e instanceof TensorException refusal
        && refusal.kind() == TensorException.Kind.OUT_OF_BUDGET;
  }

  private LoadedModel compile(
      ModelPackage found,
      Precision precision,
      MemoryLimits.Share share,
      @Nullable ServedVersion before)
      throws IOException {
    requireGoing();
    LoadedModel answering = before == null ? null : before.model();
    if (answering != null && ManagementFactory.getRuntimeMXBean().getUptime() > WARM_MILLIS) {
      BackgroundThreads.compilersGiveWay(); // others answer, with code that is compiled
    }
    LoadedModel model = loaded(found, precision, share, answering);
    try {
      model.prepare(lanes.count, answering);
      synchronized (this) {
        requireGoing();
        alive.put(model, share);
      }
      return model;
    } catch (RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  private LoadedModel loaded(
      ModelPackage found,
      Precision precision,
      MemoryLimits.Share share,
      @Nullable LoadedModel answering)
      throws IOException {
    InferenceModel model =
        loading.load(found, precision, share, answering == null ? null : answering.model());
    try {
      return new LoadedModel(
          found.name(), found.version(), model, loading.processing(found, model));
    } catch (IOException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  private synchronized void requireGoing() {
    if (stopping) {
      throw new ProtocolException(STOPPING, "the server is stopping");
    }
  }

  /** Frees a version that nobody needs. */
  void free(LoadedModel model) {
    MemoryLimits.Share share;
    synchronized (this) {
      share = alive.remove(model);
    }
    if (share != null) {
      model.close();
      share.close();
      LOG.info("Freed {} version {}", model.name(), model.version());
    }
  }

  /** Whether a version is being loaded now. */
  boolean isLoading(ModelPackage found) {
    return found.equals(underWay);
  }

  /** Whether a version holds memory. */
  synchronized boolean isAlive(ModelPackage found) {
    return alive.keySet().stream()
        .anyMatch(model -> model.name().equals(found.name()) && model.version() == found.version());
  }

  /** Nothing is loaded from now on; a version that is being compiled is freed when it is there. */
  synchronized void stop() {
    stopping = true;
  }

  /** Frees all versions; {@link #stop} came before, and the lanes have ended. */
  @Override
  public synchronized void close() {
    alive.keySet().forEach(LoadedModel::close);
    alive.clear();
  }
}
