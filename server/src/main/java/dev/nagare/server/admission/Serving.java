package dev.nagare.server.admission;

import dev.nagare.models.repository.ModelName;
import dev.nagare.streaming.ModelControl;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The models as the doors see them, from the first moment of the process to its last: starting,
 * then open, then leaving, then draining. Counts what was accepted, so that a drain can wait for
 * it.
 *
 * <p>Safe for any thread.
 */
public final class Serving {

  /** Where the process is in its life. */
  public enum Phase {
    STARTING,
    OPEN,
    /** Told to stop: not ready, and answering, since balancers hear of it late. */
    LEAVING,
    DRAINING;

    /** Whether requests are let in. */
    public boolean answers() {
      return this == OPEN || this == LEAVING;
    }

    /** Whether callers had better go elsewhere. */
    public boolean stops() {
      return this == LEAVING || this == DRAINING;
    }
  }

  private record Models(Map<String, ModelService> byName, ProtocolJson codec) {}

  private volatile Phase phase = Phase.STARTING;
  private volatile @Nullable Models models;
  private volatile @Nullable ModelControl control;
  private final AtomicInteger accepted = new AtomicInteger();
  private final CompletableFuture<@Nullable Void> drained = new CompletableFuture<>();

  /** Lets requests in. */
  public void open(Collection<ModelService> services, ProtocolJson codec) {
    models = new Models(byName(services), codec);
    if (phase == Phase.STARTING) {
      phase = Phase.OPEN;
    }
  }

  /** Serves these models from now on; for an open server. */
  public void serve(Collection<ModelService> services) {
    models = new Models(byName(services), now().codec);
  }

  private static Map<String, ModelService> byName(Collection<ModelService> services) {
    var byName = new LinkedHashMap<String, ModelService>();
    services.forEach(service -> byName.put(service.name(), service));
    return byName;
  }

  /** Lets callers load and unload models. */
  public void control(ModelControl given) {
    control = given;
  }

  /**
   * How models are loaded and unloaded.
   *
   * @throws ProtocolException 503 while starting or draining
   */
  public ModelControl control() {
    ModelControl now = control;
    if (now == null || phase != Phase.OPEN) {
      throw new ProtocolException(503, unready());
    }
    return now;
  }

  /** Is not ready any more, and lets in what still comes. */
  public void leave() {
    phase = Phase.LEAVING;
  }

  /** Lets nothing new in; what was accepted goes on. Completes when all of that is answered. */
  public CompletionStage<@Nullable Void> drain() {
    phase = Phase.DRAINING;
    if (accepted.get() == 0) {
      drained.complete(null);
    }
    return drained;
  }

  /** Where the process is in its life. */
  public Phase phase() {
    return phase;
  }

  /** All models; empty while starting. */
  public Collection<ModelService> models() {
    Models now = models;
    return now == null ? List.of() : now.byName.values();
  }

  /**
   * The model of that name.
   *
   * @throws ProtocolException 404 that names the models served, or says what a model can be called;
   *     503 while starting
   */
  public ModelService model(String name) {
    Models now = now();
    String fault = ModelName.fault(name);
    if (fault != null) {
      throw new ProtocolException(404, fault);
    }
    ModelService service = now.byName.get(name);
    if (service == null) {
      throw new ProtocolException(
          404,
          "model '"
              + name
              + "' is not served here; served: "
              + String.join(", ", now.byName.keySet()));
    }
    return service;
  }

  /**
   * The model of that name, or one version of it.
   *
   * @param version null for whichever answers then
   * @throws ProtocolException as {@link #model}, and 404 for a version that is not served
   */
  public ModelService model(String name, @Nullable String version) {
    ModelService service = model(name);
    return version == null ? service : service.version(version);
  }

  /** The protocol's codec. */
  public ProtocolJson codec() {
    return now().codec;
  }

  /**
   * Accepts a request, which the caller ends with {@link #answered()} whatever comes of it.
   *
   * @throws ProtocolException 503 while starting or draining; then nothing is to be ended
   */
  public void accept() {
    accepted.incrementAndGet();
    // Counted before the look at the phase, so that a drain cannot miss it.
    if (!phase.answers()) {
      answered();
      throw new ProtocolException(503, unready());
    }
  }

  /** Ends what {@link #accept()} began. */
  public void answered() {
    if (accepted.decrementAndGet() == 0 && phase == Phase.DRAINING) {
      drained.complete(null);
    }
  }

  /** Why requests are not let in now; for those that were refused. */
  public String unready() {
    return phase.stops()
        ? "the server is stopping; ask another or try again when it is back"
        : "the server is starting; health/ready, in gRPC ServerReady, says when it is ready";
  }

  private Models now() {
    Models now = models;
    if (now == null) {
      throw new ProtocolException(503, unready());
    }
    return now;
  }
}
