package dev.nagare.server.grpc;

import com.google.protobuf.ByteString;
import dev.nagare.server.FakeModel;
import dev.nagare.server.LargeModel;
import dev.nagare.server.admission.Callers;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.config.SecurityConfig;
import dev.nagare.server.config.ServerConfig;
import dev.nagare.server.http.CallerMemory;
import dev.nagare.server.http.Connections;
import dev.nagare.server.http.Listener;
import dev.nagare.server.metrics.Exposition;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.server.observe.RequestLog;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.observe.Tracing;
import dev.nagare.server.security.Access;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferRequest.InferInputTensor;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;
import dev.nagare.streaming.protocol.wire.ServerLiveRequest;
import dev.nagare.streaming.protocol.wire.ServerLiveResponse;
import dev.nagare.tensor.MemoryPool;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The real gRPC door on a free port, in front of a fake model, with its clients. */
final class GrpcDoors implements AutoCloseable {
  static final int MAX_MESSAGE_BYTES = 4096;
  static final int MOST_ROWS = 16;
  static final int MOST_CONNECTIONS = 1000;

  final FakeModel model = new FakeModel();
  final Serving serving = new Serving();
  final Metrics metrics = new Metrics(List.of("pulse"), serving, "test", false);
  final MemoryPool pool = new MemoryPool("requests", 1 << 24);
  final LargeModel large = new LargeModel();
  final ByteBudget budget;
  final Access access;
  final GrpcDoor door;
  final int port;
  final StockClient client;
  final RawClient raw;
  private final Vertx vertx;

  /** A door that is still starting, for everybody. */
  GrpcDoors(Set<String> allowedHosts) {
    this(allowedHosts, SecurityConfig.open());
  }

  /** A door that is still starting. */
  GrpcDoors(Set<String> allowedHosts, SecurityConfig security) {
    this(allowedHosts, security, Tracing.off());
  }

  /** A door that is open, whose requests are followed. */
  static GrpcDoors followed(Tracing tracing) {
    var doors = new GrpcDoors(Set.of(), SecurityConfig.open(), tracing);
    doors.openModels();
    return doors;
  }

  private GrpcDoors(Set<String> allowedHosts, SecurityConfig security, Tracing tracing) {
    this(allowedHosts, security, tracing, 256 * MAX_MESSAGE_BYTES, MOST_CONNECTIONS);
  }

  private GrpcDoors(
      Set<String> allowedHosts,
      SecurityConfig security,
      Tracing tracing,
      long memoryBytes,
      int mostConnections) {
    budget = new ByteBudget(memoryBytes, metrics::noMemory);
    var connections = new Connections(mostConnections, metrics);
    vertx = connections.vertx(new VertxOptions());
    access = access(vertx, security);
    var config =
        new ServerConfig(
            "127.0.0.1",
            0,
            0,
            0,
            false,
            MAX_MESSAGE_BYTES,
            budget.most(),
            budget.most() / 4,
            10,
            10,
            allowedHosts,
            Set.of());
    door =
        new GrpcDoor(
            vertx,
            vertx.getOrCreateContext(),
            new Listener.Address("127.0.0.1", 0, MAX_MESSAGE_BYTES, null),
            new Callers(config),
            access,
            serving,
            new Requests(metrics, new RequestLog(0), tracing),
            new CallerMemory(budget, budget.most() / 4, metrics),
            new GrpcDoor.About("test", MOST_ROWS));
    port = await(door.listen());
    connections.name(port, "grpc");
    client = new StockClient(port);
    raw = new RawClient(vertx, port);
  }

  private static Access access(Vertx vertx, SecurityConfig security) {
    try {
      return new Access(vertx, security);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A door that is open. */
  static GrpcDoors open() {
    var doors = new GrpcDoors(Set.of());
    doors.openModels();
    return doors;
  }

  /**
   * A door that is open.
   *
   * @param memoryBytes of the budget
   * @param mostConnections at once
   */
  static GrpcDoors open(long memoryBytes, int mostConnections) {
    var doors =
        new GrpcDoors(Set.of(), SecurityConfig.open(), Tracing.off(), memoryBytes, mostConnections);
    doors.openModels();
    return doors;
  }

  void openModels() {
    metrics.watch(model);
    serving.open(List.of(model, large), new ProtocolJson(pool));
  }

  /** A request that the fake model answers. */
  static ModelInferRequest request() {
    return ModelInferRequest.newBuilder()
        .setModelName("pulse")
        .setId("a1")
        .addInputs(
            InferInputTensor.newBuilder()
                .setName("window")
                .setDatatype("FP32")
                .addShape(1)
                .addShape(2))
        .addRawInputContents(ByteString.copyFrom(new byte[8]))
        .build();
  }

  /** Whether it says that it lives. */
  boolean live() {
    return client
        .infer(
            "ServerLive",
            ServerLiveRequest.getDefaultInstance(),
            ServerLiveResponse.getDefaultInstance())
        .getLive();
  }

  ModelInferResponse infer(ModelInferRequest request) {
    return client.infer("ModelInfer", request, ModelInferResponse.getDefaultInstance());
  }

  String metricsPage() {
    return new String(metrics.page(Exposition.TEXT), StandardCharsets.UTF_8);
  }

  /** A client with a connection of its own. */
  RawClient connect() {
    return new RawClient(vertx, port);
  }

  /** Waits until callers have given back all that they took, and closes. */
  void closeOnceAllIsGivenBack() {
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> budget.taken() == 0);
    close();
  }

  @Override
  public void close() {
    client.close();
    large.close();
    await(door.close(Duration.ZERO));
    await(vertx.close());
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
