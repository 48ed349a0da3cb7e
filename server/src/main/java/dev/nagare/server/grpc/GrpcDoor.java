package dev.nagare.server.grpc;

import dev.nagare.server.admission.Callers;
import dev.nagare.server.admission.Serving;
import dev.nagare.server.grpc.call.Call;
import dev.nagare.server.grpc.call.Entrance;
import dev.nagare.server.grpc.call.Errands;
import dev.nagare.server.grpc.call.GrpcMethod;
import dev.nagare.server.grpc.call.GrpcService;
import dev.nagare.server.grpc.call.LastingCalls;
import dev.nagare.server.grpc.call.NotOffered;
import dev.nagare.server.grpc.call.ServiceNames;
import dev.nagare.server.grpc.gate.ConnectionSetup;
import dev.nagare.server.grpc.gate.Gate;
import dev.nagare.server.grpc.health.HealthMethods;
import dev.nagare.server.grpc.inference.InferenceMethods;
import dev.nagare.server.grpc.learning.TeachingMethods;
import dev.nagare.server.grpc.models.ModelMethods;
import dev.nagare.server.http.CallerMemory;
import dev.nagare.server.http.Listener;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.security.Access;
import dev.nagare.streaming.protocol.wire.HealthProto;
import dev.nagare.streaming.protocol.wire.LearningProto;
import dev.nagare.streaming.protocol.wire.OpenInferenceProto;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.grpc.common.ServiceName;
import io.vertx.grpc.reflection.ReflectionService;
import io.vertx.grpc.server.GrpcProtocol;
import io.vertx.grpc.server.GrpcServer;
import io.vertx.grpc.server.GrpcServerOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The listener of gRPC with its services. Its connections run on the event loop of the other doors,
 * so what they share needs no locks.
 *
 * <p>Safe for any thread.
 */
public final class GrpcDoor {
  /** So much of a message is on its way before its sender has to wait for word from here. */
  private static final int STREAM_WINDOW_BYTES = 1 << 20;

  /** Calls under way on one connection; further ones wait at the client. */
  private static final int MOST_CALLS = 256;

  /**
   * Calls that a connection may cancel in a second. A client cancels each call whose deadline has
   * passed, so the library's limit of 200 in 30 s would cut off a healthy one under load.
   */
  private static final int CANCELS_PER_SECOND = 10_000;

  private final Context loop;
  private final Listener listener;
  private final LastingCalls lasting = new LastingCalls();

  /**
   * What the door says of the server.
   *
   * @param version of this build
   * @param mostRows that one request may have
   */
  public record About(String version, int mostRows) {}

  /** Creates a door; {@link #listen} opens it. */
  public GrpcDoor(
      Vertx vertx,
      Context loop,
      Listener.Address address,
      Callers callers,
      Access access,
      Serving serving,
      Requests requests,
      CallerMemory memory,
      About about) {
    this.loop = loop;
    GrpcServer grpc =
        GrpcServer.server(
            vertx,
            new GrpcServerOptions()
                .setMaxMessageSize(address.maxMessageBytes())
                .removeEnabledProtocol(GrpcProtocol.WEB)
                .removeEnabledProtocol(GrpcProtocol.WEB_TEXT)
                .removeEnabledProtocol(GrpcProtocol.TRANSCODING));
    var entrance = new Entrance();
    var errands = new Errands(serving, requests, loop);
    List<GrpcMethod> protocol =
        new ArrayList<>(InferenceMethods.all(serving, requests, memory, loop, lasting));
    protocol.addAll(ModelMethods.all(errands, about.version(), about.mostRows()));
    grpc.addService(
        new GrpcService(
            ServiceName.create(ServiceNames.INFERENCE),
            OpenInferenceProto::getDescriptor,
            protocol,
            vertx,
            entrance));
    grpc.addService(
        new GrpcService(
            ServiceName.create(ServiceNames.LEARNING),
            LearningProto::getDescriptor,
            TeachingMethods.all(errands),
            vertx,
            entrance));
    grpc.addService(
        new GrpcService(
            ServiceName.create(ServiceNames.HEALTH),
            HealthProto::getDescriptor,
            HealthMethods.all(serving, vertx, lasting),
            vertx,
            entrance));
    grpc.addService(ReflectionService.v1());
    grpc.callHandler(
        request ->
            Call.begin(
                request,
                vertx,
                entrance.visitor(),
                new NotOffered(
                    request.methodName(),
                    "there is no call "
                        + request.fullMethodName()
                        + " here; server reflection lists those that there are")));
    this.listener =
        new Listener(
            loop,
            vertx
                .createHttpServer(options(address))
                .connectionHandler(new ConnectionSetup(requests.metrics()))
                .requestHandler(
                    new Gate(
                        callers,
                        access,
                        new Gate.Limits(address.maxMessageBytes(), memory.budget()),
                        entrance,
                        grpc)));
  }

  /** Opens the door; fails with {@link java.net.BindException} if the port is taken. */
  public Future<Integer> listen() {
    return listener.open();
  }

  /** The port; valid once listening. */
  public int port() {
    return listener.port();
  }

  /**
   * Takes no more connections and tells the open ones to go elsewhere (GOAWAY), lets the calls that
   * are under way finish, and closes what is left after the time.
   */
  public Future<Void> close(Duration patience) {
    Promise<Void> closed = Promise.promise();
    loop.runOnContext(
        ignored -> {
          Future<Void> shut = listener.close(patience);
          lasting.stop();
          shut.onComplete(closed);
        });
    return closed.future();
  }

  /** Lets new connections see other certificates. */
  public void renew(ServerSSLOptions certificates) {
    listener.renew(certificates);
  }

  private static HttpServerOptions options(Listener.Address address) {
    return address
        .options()
        .setUseAlpn(address.tls() != null)
        .setTcpKeepAlive(true) // a client that keeps a channel says nothing for hours
        .setInitialSettings(
            new Http2Settings()
                .setInitialWindowSize(STREAM_WINDOW_BYTES)
                .setMaxConcurrentStreams(MOST_CALLS))
        .setHttp2RstFloodMaxRstFramePerWindow(CANCELS_PER_SECOND)
        .setHttp2RstFloodWindowDuration(1)
        .setHttp2RstFloodWindowDurationTimeUnit(TimeUnit.SECONDS);
  }
}
