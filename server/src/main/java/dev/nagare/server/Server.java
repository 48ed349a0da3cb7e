package dev.nagare.server;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.config.DrainConfig;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.server.config.TlsConfig;
import dev.nagare.server.grpc.GrpcDoor;
import dev.nagare.server.http.Connections;
import dev.nagare.server.http.HttpDoor;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.observe.Telemetry;
import dev.nagare.server.security.Access;
import dev.nagare.server.security.Certificates;
import dev.nagare.server.security.Renewal;
import dev.nagare.server.stream.StreamRoute;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.Streaming;
import dev.nagare.tensor.TensorException;
import io.micronaut.context.BeanContext;
import io.micronaut.context.exceptions.BeanContextException;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.ServerSSLOptions;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.net.BindException;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server. The doors open first and answer 503 until the models are warm; at the end they
 * stay until what was accepted is answered.
 *
 * <p>Safe for any thread.
 */
@Singleton
public final class Server implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Server.class);

  /** For what lanes have begun when the time is over. */
  private static final Duration LAST_BATCHES = Duration.ofSeconds(1);

  private static final Duration CONNECTION_PATIENCE = Duration.ofMillis(300);
  private static final Duration LISTEN_PATIENCE = Duration.ofSeconds(10);

  private final BeanContext beans;
  private final NagareConfig config;
  private final Vertx vertx;
  private final Context loop;
  private final Serving serving;
  private final Requests requests;
  private final Telemetry telemetry;
  private final StreamRoute stream;
  private final ByteBudget budget;
  private final Access access;
  private final HttpDoor api;
  private final GrpcDoor grpc;
  private final HttpDoor metricsDoor;
  private final Connections connections;
  private final Set<String> watched = new HashSet<>(); // guarded by this
  private boolean closed;
  private volatile @Nullable Streaming streaming;

  Server(
      BeanContext beans,
      NagareConfig config,
      Vertx vertx,
      Context loop,
      Wiring.Doorway doorway,
      Telemetry telemetry,
      Access access,
      @Named("api") HttpDoor api,
      GrpcDoor grpc,
      @Named("metrics") HttpDoor metricsDoor,
      Connections connections) {
    this.beans = beans;
    this.config = config;
    this.vertx = vertx;
    this.loop = loop;
    this.serving = doorway.serving();
    this.requests = doorway.requests();
    this.telemetry = telemetry;
    this.stream = doorway.stream();
    this.budget = doorway.memory().budget();
    this.access = access;
    this.api = api;
    this.grpc = grpc;
    this.metricsDoor = metricsDoor;
    this.connections = connections;
  }

  /**
   * Starts a server; returns when it answers.
   *
   * @throws StartException if it cannot, with the remedy
   */
  public static Server start(NagareConfig config) {
    BeanContext beans = BeanContext.build();
    beans.registerSingleton(NagareConfig.class, config);
    beans.start();
    Server server = wired(beans);
    try {
      server.open();
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  private static Server wired(BeanContext beans) {
    try {
      return beans.getBean(Server.class);
    } catch (BeanContextException e) {
      beans.close();
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof StartException start) {
          throw start;
        }
      }
      throw e;
    }
  }

  /** The port of HTTP and WebSocket. */
  public int port() {
    return api.port();
  }

  /** The port of gRPC. */
  public int grpcPort() {
    return grpc.port();
  }

  /** The port of {@code /metrics}. */
  public int metricsPort() {
    return metricsDoor.port();
  }

  private void open() {
    listen(api.listen(), "server.port", config.server().port());
    listen(grpc.listen(), "server.grpc-port", config.server().grpcPort());
    listen(metricsDoor.listen(), "server.metrics-port", config.server().metricsPort());
    connections.name(port(), "http");
    connections.name(grpcPort(), "grpc");
    connections.name(metricsPort(), "metrics");
    renew();
    Streaming started;
    try {
      started = Streaming.start(config.streaming(), requests.metrics(), requests.tracing(), budget);
    } catch (IllegalStateException | TensorException e) {
      throw new StartException(1, String.valueOf(e.getMessage()));
    }
    streaming = started;
    lend(started);
    watch(started.models());
    serving.control(started.control());
    serving.open(started.models(), started.codec());
    started.whenModelsChange(() -> modelsChanged(started));
    modelsChanged(started); // one may have been loaded meanwhile
    LOG.info(
        "Nagare {} answers at {}://{}:{}, gRPC at :{}, metrics at :{}/metrics",
        Version.current(),
        config.security().tls() == null ? "http" : "https",
        shownHost(),
        port(),
        grpcPort(),
        metricsPort());
  }

  /** The event loop, which reads many requests in one go, computes what is quickly done. */
  private void lend(Streaming started) {
    loop.runOnContext(
        ignored ->
            started.lend(
                Thread.currentThread(), task -> loop.runOnContext(afterwards -> task.run())));
  }

  private void renew() {
    var renewal = new Renewal();
    Path tokens = access.tokenPath();
    if (tokens != null) {
      renewal.watch(List.of(tokens), access::reload);
    }
    TlsConfig tls = config.security().tls();
    if (tls != null) {
      renewal.watch(
          tls.files(),
          () -> {
            ServerSSLOptions certificates = Certificates.read(vertx, tls);
            api.renew(certificates);
            grpc.renew(certificates);
            metricsDoor.renew(certificates);
          });
    }
    renewal.start(vertx);
  }

  private synchronized void watch(Collection<ModelService> models) {
    for (ModelService model : models) {
      if (watched.add(model.name())) { // it may have been unloaded and come back
        requests.metrics().watch(model);
        stream.watch(model);
      }
    }
  }

  private void modelsChanged(Streaming changed) {
    Collection<ModelService> models = changed.models();
    watch(models);
    serving.serve(models);
  }

  /**
   * Drains: not ready at once; after a delay, in which balancers hear of it, refuses what is new
   * and answers what was accepted; then writes the final checkpoints. Alive and observable to the
   * end. A second call waits for the first and does nothing.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    Streaming running = streaming;
    DrainConfig drain = config.drain();
    if (running != null) { // nobody was ever told that it was ready
      serving.leave();
      if (drain.delay().isPositive()) {
        Future<Void> over = vertx.timer(drain.delay().toMillis(), TimeUnit.MILLISECONDS);
        await("balancers", over.toCompletionStage(), drain.delay().plus(CONNECTION_PATIENCE));
      }
    }
    CompletionStage<@Nullable Void> answered = serving.drain();
    stream.drain();
    // At once: clients of gRPC go elsewhere when they are told, and what they have asked is
    // answered.
    Future<Void> grpcClosed =
        grpc.close(drain.timeout().plus(LAST_BATCHES).plus(CONNECTION_PATIENCE));
    if (!await("requests still unanswered", answered, drain.timeout()) && running != null) {
      running.giveUpWaiting();
      await("batches that have begun", answered, LAST_BATCHES);
    }
    await(
        "HTTP door",
        api.close(CONNECTION_PATIENCE).toCompletionStage(),
        CONNECTION_PATIENCE.multipliedBy(2));
    await("gRPC door", grpcClosed.toCompletionStage(), CONNECTION_PATIENCE.multipliedBy(2));
    if (running != null) {
      running.close();
    }
    await(
        "metrics door", metricsDoor.close(Duration.ZERO).toCompletionStage(), CONNECTION_PATIENCE);
    telemetry.close();
    await("Vert.x", vertx.close().toCompletionStage(), CONNECTION_PATIENCE);
    beans.close();
  }

  /** Completes, with the reason, when another process takes a model over without being asked to. */
  CompletionStage<String> fenced() {
    return Objects.requireNonNull(streaming, "started").fenced();
  }

  /** Why final checkpoints could not be written, a sentence each; empty if all could. */
  List<String> unsaved() {
    Streaming drained = streaming;
    return drained == null ? List.of() : drained.unsaved();
  }

  private void listen(Future<Integer> opening, String setting, int port) {
    try {
      opening
          .toCompletionStage()
          .toCompletableFuture()
          .get(LISTEN_PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new StartException(2, refusedBind(setting, port, e.getCause()));
    } catch (TimeoutException e) {
      throw new StartException(
          1, setting + ": the listener did not open within " + LISTEN_PATIENCE.toSeconds() + " s");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartException(1, "interrupted while opening " + setting);
    }
  }

  private String refusedBind(String setting, int port, @Nullable Throwable cause) {
    String variable = "NAGARE_" + setting.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_");
    String host = config.server().host();
    String why = cause == null ? "" : String.valueOf(cause.getMessage());
    if (cause instanceof UnknownHostException || why.contains("assign requested address")) {
      return "server.host "
          + host
          + " is not an address of this machine; 127.0.0.1 is, and 0.0.0.0 means all of them";
    }
    if (why.contains("ermission denied")) {
      return setting
          + " "
          + port
          + " may not be opened by this user; choose one above 1023 with "
          + setting
          + " or "
          + variable;
    }
    if (cause instanceof BindException || cause instanceof SocketException) {
      return "port "
          + port
          + " on "
          + host
          + " is taken by another program; stop it, or choose another with "
          + setting
          + " or "
          + variable
          + "="
          + (port + 10)
          + " (0 takes any free one)";
    }
    return setting + " " + port + " on " + host + " cannot be opened: " + cause;
  }

  private String shownHost() {
    String host = config.server().host();
    return host.indexOf(':') >= 0 ? "[" + host + "]" : host;
  }

  private static boolean await(String what, CompletionStage<?> stage, Duration patience) {
    try {
      stage.toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      LOG.warn("Stopping without waiting longer than {} ms: {}", patience.toMillis(), what);
    } catch (ExecutionException e) {
      LOG.warn("Stopping goes on although this failed: {}", what, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return false;
  }
}
