package dev.nagare.server;

import dev.nagare.server.admission.Callers;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.server.config.ServerConfig;
import dev.nagare.server.config.TlsConfig;
import dev.nagare.server.console.ConsoleRoute;
import dev.nagare.server.grpc.GrpcDoor;
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
import dev.nagare.server.http.ServerRoute;
import dev.nagare.server.http.SnapshotsRoute;
import dev.nagare.server.http.StatsRoute;
import dev.nagare.server.http.StatusRoute;
import dev.nagare.server.http.UnsupportedRoute;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.server.observe.RequestLog;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.observe.Telemetry;
import dev.nagare.server.processing.Workshop;
import dev.nagare.server.security.Access;
import dev.nagare.server.security.Certificates;
import dev.nagare.server.stream.StreamRoute;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.net.ServerSSLOptions;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who gets what. The configuration is put into the context before it starts. */
@Factory
final class Wiring {
  private static final int SMALLEST_MESSAGE = 64 << 10;

  @Singleton
  Connections connections(NagareConfig config, Metrics metrics) {
    return new Connections(config.server().maxConnections(), metrics);
  }

  @Singleton
  Vertx vertx(Connections connections) {
    // One loop for the callers, one for scrapes; compute has threads of its own. Nothing is served
    // from files, so the temporary folder of Vert.x is not needed.
    var options =
        new VertxOptions()
            .setEventLoopPoolSize(2)
            .setWorkerPoolSize(2)
            .setInternalBlockingPoolSize(2)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setClassPathResolvingEnabled(false)
                    .setFileCachingEnabled(false));
    return connections.vertx(options);
  }

  @Singleton
  Context callersLoop(Vertx vertx) {
    return vertx.getOrCreateContext();
  }

  @Singleton
  Serving serving() {
    return new Serving();
  }

  @Singleton
  Callers callers(NagareConfig config) {
    return new Callers(config.server());
  }

  @Singleton
  Access access(Vertx vertx, NagareConfig config) {
    try {
      return new Access(vertx, config.security());
    } catch (IOException e) {
      throw new StartException(2, String.valueOf(e.getMessage()));
    }
  }

  /** What was in the files of certificates at the start; null for none. */
  record Tls(@Nullable ServerSSLOptions certificates) {}

  @Singleton
  Tls tls(Vertx vertx, NagareConfig config) {
    TlsConfig tls = config.security().tls();
    try {
      return new Tls(tls == null ? null : Certificates.read(vertx, tls));
    } catch (IOException e) {
      throw new StartException(2, "tls: " + e.getMessage());
    }
  }

  @Singleton
  Metrics metrics(NagareConfig config, Serving serving) {
    List<String> models = config.streaming().models().stream().map(LearnedModel::name).toList();
    return new Metrics(models, serving, Version.current(), config.server().tritonMetrics());
  }

  /** What all doors, and records on their way to Kafka, draw from. */
  @Singleton
  ByteBudget budget(NagareConfig config, Metrics metrics) {
    return new ByteBudget(config.server().memoryBytes(), metrics::noMemory);
  }

  /** That, and what each connection may have of it. */
  @Singleton
  CallerMemory memory(NagareConfig config, ByteBudget budget, Metrics metrics) {
    return new CallerMemory(budget, config.server().connectionAnswerBytes(), metrics);
  }

  @Singleton
  Telemetry telemetry(NagareConfig config) {
    try {
      return Telemetry.start(config.tracing(), System.getenv(), Version.current());
    } catch (IllegalStateException e) {
      throw new StartException(2, String.valueOf(e.getMessage()));
    }
  }

  @Singleton
  Requests requests(NagareConfig config, Metrics metrics, Telemetry telemetry) {
    return new Requests(metrics, new RequestLog(config.logging().requests()), telemetry.tracing());
  }

  @Singleton
  StreamRoute streamRoute(
      Vertx vertx,
      Context loop,
      NagareConfig config,
      Serving serving,
      Requests requests,
      CallerMemory memory) {
    ServerConfig server = config.server();
    return new StreamRoute(
        vertx,
        loop,
        serving,
        requests,
        memory,
        StreamRoute.Limits.of(server.maxWebSockets(), messageBytes(server)));
  }

  @Singleton
  @Bean(preDestroy = "close")
  Workshop workshop(NagareConfig config, Metrics metrics) {
    return new Workshop(config.processing(), Runtime.getRuntime().maxMemory(), metrics);
  }

  @Singleton
  @Named("api")
  HttpDoor apiDoor(
      Vertx vertx,
      Context loop,
      NagareConfig config,
      Callers callers,
      Access access,
      Tls tls,
      Doorway doorway) {
    ServerConfig server = config.server();
    var address =
        new Listener.Address(
            server.host(), server.port(), messageBytes(server), tls.certificates());
    Serving serving = doorway.serving();
    Requests requests = doorway.requests();
    Metrics metrics = requests.metrics();
    var bodies = new Bodies(server.maxBodyBytes(), doorway.memory());
    return new HttpDoor(
        vertx,
        loop,
        address,
        HttpDoor.SILENT_SECONDS,
        new Gate(serving, callers, access, metrics),
        List.of(
            // First, since paths are tried one after the other.
            new InferRoute(serving, requests, bodies),
            new ClassifyRoute(serving, requests, bodies, doorway.workshop()),
            new EmbedRoute(serving, requests, bodies, doorway.workshop()),
            new ServerRoute(Version.current()),
            new LiveRoute(),
            new ReadyRoute(serving),
            new StatsRoute(serving, metrics),
            new ModelRoute(serving),
            new ConfigRoute(serving, config.streaming().queueRows()),
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
            doorway.stream(),
            new OpenApiRoute(),
            new ConsoleRoute(access)));
  }

  @Singleton
  GrpcDoor grpcDoor(
      Vertx vertx,
      Context loop,
      NagareConfig config,
      Callers callers,
      Access access,
      Tls tls,
      Doorway doorway) {
    ServerConfig server = config.server();
    return new GrpcDoor(
        vertx,
        loop,
        new Listener.Address(
            server.host(), server.grpcPort(), server.maxBodyBytes(), tls.certificates()),
        callers,
        access,
        doorway.serving(),
        doorway.requests(),
        doorway.memory(),
        new GrpcDoor.About(Version.current(), config.streaming().queueRows()));
  }

  @Singleton
  @Named("metrics")
  HttpDoor metricsDoor(
      Vertx vertx, NagareConfig config, Callers callers, Access access, Tls tls, Doorway doorway) {
    ServerConfig server = config.server();
    return new HttpDoor(
        vertx,
        vertx.getOrCreateContext(),
        new Listener.Address(
            server.host(), server.metricsPort(), SMALLEST_MESSAGE, tls.certificates()),
        HttpDoor.SILENT_SECONDS,
        new Gate(doorway.serving(), callers, access, doorway.requests().metrics()),
        List.of(new MetricsRoute(doorway.requests().metrics())));
  }

  /** What the routes have in common. */
  @Singleton
  record Doorway(
      Serving serving,
      Requests requests,
      StreamRoute stream,
      CallerMemory memory,
      Workshop workshop) {}

  // A frame around a request adds little to it; the smallest limit leaves room for that.
  private static int messageBytes(ServerConfig server) {
    return Math.max(SMALLEST_MESSAGE, server.maxBodyBytes());
  }
}
