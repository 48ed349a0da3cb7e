package dev.nagare.server;

import dev.nagare.server.admission.Callers;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.config.SecurityConfig;
import dev.nagare.server.config.ServerConfig;
import dev.nagare.server.config.TlsConfig;
import dev.nagare.server.console.ConsoleRoute;
import dev.nagare.server.http.ConfigRoute;
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
import dev.nagare.server.security.Access;
import dev.nagare.server.security.Certificates;
import dev.nagare.server.stream.StreamRoute;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.MemoryPool;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
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

/** The real doors on a free port, in front of a fake model. */
public final class Doors implements AutoCloseable {
  /** Largest body that these doors take. */
  public static final int MAX_BODY_BYTES = 4096;

  public final FakeModel model = new FakeModel();
  public final MemoryPool requests = new MemoryPool("requests", 1 << 24);
  public final Serving serving = new Serving();
  public final Metrics metrics = new Metrics(List.of("pulse"), serving, "test");
  public final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Vertx vertx = Vertx.vertx();
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
    Context loop = vertx.getOrCreateContext();
    var config =
        new ServerConfig("127.0.0.1", 0, 0, 0, MAX_BODY_BYTES, allowedHosts, allowedOrigins);
    TlsConfig tls = security.tls();
    ServerSSLOptions certificates;
    try {
      access = new Access(vertx, security);
      certificates = tls == null ? null : Certificates.read(tls);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    stream = new StreamRoute(vertx, loop, serving, metrics);
    routes =
        List.of(
            new InferRoute(serving, metrics, MAX_BODY_BYTES),
            new ServerRoute("test"),
            new LiveRoute(),
            new ReadyRoute(serving),
            new StatsRoute(serving, metrics),
            new ModelRoute(serving),
            new ConfigRoute(serving, 64),
            new RepositoryIndexRoute(serving),
            new RepositoryModelRoute(serving, MAX_BODY_BYTES),
            new UnsupportedRoute(),
            new ModelReadyRoute(serving),
            new LineageRoute(serving),
            new StatusRoute(serving, metrics),
            new LearnRoute(serving, MAX_BODY_BYTES),
            new LabelsRoute(serving, MAX_BODY_BYTES),
            new SnapshotsRoute(serving),
            new RollbackRoute(serving, MAX_BODY_BYTES),
            new MetricsRoute(metrics),
            stream,
            new OpenApiRoute(),
            new ConsoleRoute(access));
    door =
        new HttpDoor(
            vertx,
            loop,
            new Listener.Address("127.0.0.1", askedPort, 1 << 16, certificates),
            new Gate(new Callers(config), access, metrics),
            routes);
    port = await(door.listen());
  }

  /** Doors that are open. */
  public static Doors open() {
    var doors = new Doors(Set.of(), Set.of(), 0);
    doors.openModels();
    return doors;
  }

  /** Lets requests in. */
  public void openModels() {
    metrics.watch(model);
    stream.watch(model);
    serving.open(List.of(model, new EchoModel()), new ProtocolJson(requests));
  }

  /** Lets new connections see other certificates. */
  public void renew(ServerSSLOptions certificates) {
    door.renew(certificates);
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

  @Override
  public void close() {
    client.shutdownNow();
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
