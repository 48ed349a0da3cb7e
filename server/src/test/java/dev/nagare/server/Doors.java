package dev.nagare.server;

import dev.nagare.server.admission.Callers;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.config.ProcessingConfig;
import dev.nagare.server.config.SecurityConfig;
import dev.nagare.server.config.ServerConfig;
import dev.nagare.server.config.TlsConfig;
import dev.nagare.server.console.ConsoleRoute;
import dev.nagare.server.http.Bodies;
import dev.nagare.server.http.CallerMemory;
import dev.nagare.server.http.CanaryRoute;
import dev.nagare.server.http.ClassifyRoute;
import dev.nagare.server.http.ConfigRoute;
import dev.nagare.server.http.Connections;
import dev.nagare.server.http.EmbedRoute;
import dev.nagare.server.http.Gate;
import dev.nagare.server.http.HttpDoor;
import dev.nagare.server.http.InferRoute;
import dev.nagare.server.http.LabelsRoute;
import dev.nagare.server.http.LearnRoute;
import dev.nagare.server.http.LineageRoute;
import dev.nagare.server.http.Listener;
import dev.nagare.server.http.LiveRoute;
import dev.nagare.server.http.MetricsRoute;
import dev.nagare.server.http.ModelReadyRoute;
import dev.nagare.server.http.ModelRoute;
import dev.nagare.server.http.OpenApiRoute;
import dev.nagare.server.http.ReadyRoute;
import dev.nagare.server.http.RepositoryIndexRoute;
import dev.nagare.server.http.RepositoryModelRoute;
import dev.nagare.server.http.RollbackRoute;
import dev.nagare.server.http.Route;
import dev.nagare.server.http.ServerRoute;
import dev.nagare.server.http.SnapshotsRoute;
import dev.nagare.server.http.StatsRoute;
import dev.nagare.server.http.StatusRoute;
import dev.nagare.server.http.UnsupportedRoute;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.server.observe.RequestLog;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.observe.Tracing;
import dev.nagare.server.processing.Workshop;
import dev.nagare.server.security.Access;
import dev.nagare.server.security.Certificates;
import dev.nagare.server.stream.StreamRoute;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.MemoryPool;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The real doors on a free port, in front of a fake model. */
public final class Doors implements AutoCloseable {
  /** Largest body that these doors take. */
  public static final int MAX_BODY_BYTES = 4096;

  /** What all of them together may take. */
  public static final int MEMORY_BYTES = 16 * MAX_BODY_BYTES;

  /** Largest WebSocket message that they take. */
  public static final int MAX_MESSAGE_BYTES = 1 << 16;

  /** Most WebSockets that they take. */
  public static final int MOST_SOCKETS = 1000;

  private static final StreamRoute.Limits USUAL =
      StreamRoute.Limits.of(MOST_SOCKETS, MAX_MESSAGE_BYTES);

  public final FakeModel model = new FakeModel();
  public final EchoModel echo = new EchoModel();
  public final MemoryPool requests = new MemoryPool("requests", 1 << 24);
  public final Serving serving = new Serving();
  public final Metrics metrics = new Metrics(List.of("pulse"), serving, "test", false);
  private @Nullable LargeModel large;
  public final ByteBudget budget;
  public final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Connections connections;
  private final Vertx vertx;
  private final Workshop workshop =
      new Workshop(new ProcessingConfig(1, 4, 1 << 16, 4, 1000), 1 << 24, metrics);
  public final Access access;
  public final List<Route> routes;
  private final StreamRoute stream;
  private final HttpDoor door;
  private final int port;

  /** Opens doors that are still starting, to everybody. */
  public Doors(Set<String> allowedHosts, Set<String> allowedOrigins, int askedPort) {
    this(allowedHosts, allowedOrigins, askedPort, SecurityConfig.open());
  }

  /** Opens doors that are still starting. */
  public Doors(
      Set<String> allowedHosts,
      Set<String> allowedOrigins,
      int askedPort,
      SecurityConfig security) {
    this(allowedHosts, allowedOrigins, askedPort, security, USUAL, HttpDoor.SILENT_SECONDS);
  }

  /** Opens doors that are still starting. */
  public Doors(
      Set<String> allowedHosts,
      Set<String> allowedOrigins,
      int askedPort,
      SecurityConfig security,
      StreamRoute.Limits limits,
      int silentSeconds) {
    this(allowedHosts, allowedOrigins, askedPort, security, limits, silentSeconds, Tracing.off());
  }

  /** Opens doors whose requests are followed. */
  public static Doors followed(Tracing tracing) {
    var doors =
        new Doors(
            Set.of(), Set.of(), 0, SecurityConfig.open(), USUAL, HttpDoor.SILENT_SECONDS, tracing);
    doors.openModels();
    return doors;
  }

  private Doors(
      Set<String> allowedHosts,
      Set<String> allowedOrigins,
      int askedPort,
      SecurityConfig security,
      StreamRoute.Limits limits,
      int silentSeconds,
      Tracing tracing) {
    this(
        allowedHosts,
        allowedOrigins,
        askedPort,
        security,
        limits,
        silentSeconds,
        tracing,
        MEMORY_BYTES,
        MOST_SOCKETS);
  }

  private Doors(
      Set<String> allowedHosts,
      Set<String> allowedOrigins,
      int askedPort,
      SecurityConfig security,
      StreamRoute.Limits limits,
      int silentSeconds,
      Tracing tracing,
      long memoryBytes,
      int mostConnections) {
    budget = new ByteBudget(memoryBytes, metrics::noMemory);
    connections = new Connections(mostConnections, metrics);
    vertx = connections.vertx(new VertxOptions());
    var requests = new Requests(metrics, new RequestLog(0), tracing);
    Context loop = vertx.getOrCreateContext();
    var config =
        new ServerConfig(
            "127.0.0.1",
            0,
            0,
            0,
            false,
            MAX_BODY_BYTES,
            budget.most(),
            budget.most() / 4,
            MOST_SOCKETS,
            MOST_SOCKETS,
            allowedHosts,
            allowedOrigins);
    TlsConfig tls = security.tls();
    ServerSSLOptions certificates;
    try {
      access = new Access(vertx, security);
      certificates = tls == null ? null : Certificates.read(vertx, tls);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var memory = new CallerMemory(budget, budget.most() / 4, metrics);
    var bodies = new Bodies(MAX_BODY_BYTES, memory);
    stream = new StreamRoute(vertx, loop, serving, requests, memory, limits);
    routes =
        List.of(
            new InferRoute(serving, requests, bodies),
            new ClassifyRoute(serving, requests, bodies, workshop),
            new EmbedRoute(serving, requests, bodies, workshop),
            new ServerRoute("test"),
            new LiveRoute(),
            new ReadyRoute(serving),
            new StatsRoute(serving, metrics),
            new ModelRoute(serving),
            new ConfigRoute(serving, 64),
            new RepositoryIndexRoute(serving, bodies),
            new RepositoryModelRoute(serving, requests, bodies),
            new CanaryRoute(serving, bodies),
            new UnsupportedRoute(),
            new ModelReadyRoute(serving),
            new LineageRoute(serving),
            new StatusRoute(serving, metrics),
            new LearnRoute(serving, requests, bodies),
            new LabelsRoute(serving, requests, bodies),
            new SnapshotsRoute(serving),
            new RollbackRoute(serving, requests, bodies),
            new MetricsRoute(metrics),
            stream,
            new OpenApiRoute(),
            new ConsoleRoute(access));
    door =
        new HttpDoor(
            vertx,
            loop,
            new Listener.Address("127.0.0.1", askedPort, MAX_MESSAGE_BYTES, certificates),
            silentSeconds,
            new Gate(serving, new Callers(config), access, metrics),
            routes);
    port = await(door.listen());
    connections.name(port, "http");
  }

  /** Doors that are open. */
  public static Doors open() {
    var doors = new Doors(Set.of(), Set.of(), 0);
    doors.openModels();
    return doors;
  }

  /**
   * Doors that are open to everybody, in front of a {@link LargeModel} too.
   *
   * @param memoryBytes of the budget
   * @param mostConnections at once
   */
  public static Doors open(long memoryBytes, int mostConnections) {
    var doors =
        new Doors(
            Set.of(),
            Set.of(),
            0,
            SecurityConfig.open(),
            USUAL,
            HttpDoor.SILENT_SECONDS,
            Tracing.off(),
            memoryBytes,
            mostConnections);
    doors.large = new LargeModel();
    doors.openModels();
    return doors;
  }

  /** Doors that are open to everybody, within limits of their own. */
  public static Doors open(StreamRoute.Limits limits, int silentSeconds) {
    var doors = new Doors(Set.of(), Set.of(), 0, SecurityConfig.open(), limits, silentSeconds);
    doors.openModels();
    return doors;
  }

  /** Lets requests in. */
  public void openModels() {
    metrics.watch(model);
    stream.watch(model);
    LargeModel third = large;
    serving.open(
        third == null ? List.of(model, echo) : List.of(model, echo, third),
        new ProtocolJson(requests));
  }

  /** Lets new connections see what is in the files now. */
  public void renew(TlsConfig tls) throws IOException {
    door.renew(Certificates.read(vertx, tls));
  }

  /** Closes the WebSockets as a stopping server does. */
  public void drainStream() {
    stream.drain();
  }

  public int port() {
    return port;
  }

  public URI uri(String path) {
    return URI.create("http://127.0.0.1:" + port + path);
  }

  public HttpResponse<String> get(String path, String... headers)
      throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)), headers);
  }

  public HttpResponse<String> post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofString(body)), headers);
  }

  public HttpResponse<String> send(HttpRequest.Builder request, String... headers)
      throws IOException, InterruptedException {
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofString());
  }

  public HttpResponse<byte[]> post(String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    var request = HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofByteArray());
  }

  /** Waits until callers have given back all that they took, and closes. */
  public void closeOnceAllIsGivenBack() {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> budget.taken() == 0);
    close();
  }

  @Override
  public void close() {
    client.shutdownNow();
    workshop.close();
    if (large != null) {
      large.close();
    }
    await(door.close(Duration.ZERO));
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
