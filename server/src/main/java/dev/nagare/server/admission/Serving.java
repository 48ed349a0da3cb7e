package dev.nagare.server.admission;

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
 * then open, then draining. Counts what was accepted, so that a drain can wait for it.
 *
 * <p>Safe for any thread.
 */
public final class Serving {

  /** Where the process is in its life. */
  public enum Phase {
    STARTING,
    OPEN,
    DRAINING
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
   * @throws ProtocolException 404 that names the models served, 503 while starting
   */
  public ModelService model(String name) {
    Models now = now();
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
   * The model of that name, if the version is the published one.
   *
   * @param version null for whichever is published
   * @throws ProtocolException as {@link #model}, and 404 for another version
   */
  public ModelService model(String name, @Nullable String version) {
    ModelService service = model(name);
    if (version != null) {
      String published = Long.toString(service.status().version());
      if (!version.equals(published)) {
        throw new ProtocolException(404, otherVersion(name, version, published));
      }
    }
    return service;
  }

  /** Says that a version is not the one that answers. */
  public static String otherVersion(String name, String version, String published) {
    return "model '"
        + name
        + "' answers with its published version only: asked for '"
        + version
        + "', published is "
        + published;
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
    if (phase != Phase.OPEN) {
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
    return phase == Phase.DRAINING
        ? "the server is stopping; ask another or try again when it is back"
        : "the server is starting; GET /v2/health/ready says when it is ready";
  }

  private Models now() {
    Models now = models;
    if (now == null) {
      throw new ProtocolException(503, unready());
    }
    return now;
  }
}
