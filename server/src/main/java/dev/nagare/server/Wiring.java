package dev.nagare.server;

import dev.nagare.server.admission.Callers;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.server.config.ServerConfig;
import dev.nagare.server.config.TlsConfig;
import dev.nagare.server.console.ConsoleRoute;
import dev.nagare.server.grpc.GrpcDoor;
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
import dev.nagare.server.http.ServerRoute;
import dev.nagare.server.http.SnapshotsRoute;
import dev.nagare.server.http.StatsRoute;
import dev.nagare.server.http.StatusRoute;
import dev.nagare.server.http.UnsupportedRoute;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.server.security.Access;
import dev.nagare.server.security.Certificates;
import dev.nagare.server.stream.StreamRoute;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
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
  Vertx vertx() {
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
    return Vertx.vertx(options);
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
  Tls tls(NagareConfig config) {
    TlsConfig tls = config.security().tls();
    try {
      return new Tls(tls == null ? null : Certificates.read(tls));
    } catch (IOException e) {
      throw new StartException(2, "tls: " + e.getMessage());
    }
  }

  @Singleton
  Metrics metrics(NagareConfig config, Serving serving) {
    List<String> models = config.streaming().models().stream().map(LearnedModel::name).toList();
    return new Metrics(models, serving, Version.current());
  }

  @Singleton
  StreamRoute streamRoute(Vertx vertx, Context loop, Serving serving, Metrics metrics) {
    return new StreamRoute(vertx, loop, serving, metrics);
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
    Metrics metrics = doorway.metrics();
    return new HttpDoor(
        vertx,
        loop,
        address,
        new Gate(callers, access, metrics),
        List.of(
            // First, since paths are tried one after the other.
            new InferRoute(serving, metrics, server.maxBodyBytes()),
            new ServerRoute(Version.current()),
            new LiveRoute(),
            new ReadyRoute(serving),
            new StatsRoute(serving, metrics),
            new ModelRoute(serving),
            new ConfigRoute(serving, config.streaming().queueRows()),
            new RepositoryIndexRoute(serving),
            new RepositoryModelRoute(serving, server.maxBodyBytes()),
            new UnsupportedRoute(),
            new ModelReadyRoute(serving),
            new LineageRoute(serving),
            new StatusRoute(serving, metrics),
            new LearnRoute(serving, server.maxBodyBytes()),
            new LabelsRoute(serving, server.maxBodyBytes()),
            new SnapshotsRoute(serving),
            new RollbackRoute(serving, server.maxBodyBytes()),
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
        doorway.metrics(),
        new GrpcDoor.About(Version.current(), config.streaming().queueRows()));
  }

  @Singleton
  @Named("metrics")
  HttpDoor metricsDoor(
      Vertx vertx, NagareConfig config, Callers callers, Access access, Tls tls, Metrics metrics) {
    ServerConfig server = config.server();
    return new HttpDoor(
        vertx,
        vertx.getOrCreateContext(),
        new Listener.Address(
            server.host(), server.metricsPort(), SMALLEST_MESSAGE, tls.certificates()),
        new Gate(callers, access, metrics),
        List.of(new MetricsRoute(metrics)));
  }

  /** What the routes have in common. */
  @Singleton
  record Doorway(Serving serving, Metrics metrics, StreamRoute stream) {}

  // A frame around a request adds little to it; the smallest limit leaves room for that.
  private static int messageBytes(ServerConfig server) {
    return Math.max(SMALLEST_MESSAGE, server.maxBodyBytes());
  }
}
