package dev.nagare.server.stream;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.http.Answers;
import dev.nagare.server.http.Route;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.streaming.ModelService;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code GET /v2/stream}: the WebSocket. Lives on the event loop of the context, which must be that
 * of the door.
 */
public final class StreamRoute implements Route {
  private static final long STATUS_MILLIS = 1_000;
  private static final long PING_MILLIS = 25_000;

  private final Context loop;
  private final Serving serving;
  private final Metrics metrics;
  private final Map<String, EventFeed> feeds = new HashMap<>();
  private final Set<StreamSocket> sockets = new LinkedHashSet<>();

  /** Creates the route; {@link #watch} gives it models. */
  public StreamRoute(Vertx vertx, Context loop, Serving serving, Metrics metrics) {
    this.loop = loop;
    this.serving = serving;
    this.metrics = metrics;
    loop.runOnContext(
        ignored -> {
          vertx.setPeriodic(STATUS_MILLIS, timer -> feeds.values().forEach(EventFeed::tellStatus));
          vertx.setPeriodic(PING_MILLIS, timer -> List.copyOf(sockets).forEach(StreamSocket::ping));
        });
  }

  /** Streams a model's events to whoever subscribes. */
  public void watch(ModelService model) {
    var feed = new EventFeed(model, loop, metrics);
    loop.runOnContext(ignored -> feeds.put(model.name(), feed));
    model.events().subscribe(feed);
  }

  /** Closes all sockets with 1001, "going away", and lets the models go. */
  public void drain() {
    loop.runOnContext(
        ignored -> {
          feeds.values().forEach(EventFeed::cancel);
          List.copyOf(sockets).forEach(StreamSocket::drain);
        });
  }

  @Override
  public void mount(Router router) {
    Route.get(router, "/v2/stream", this::upgrade);
  }

  private void upgrade(RoutingContext context) {
    if (!"websocket".equalsIgnoreCase(context.request().getHeader("Upgrade"))) {
      context.response().putHeader("Upgrade", "websocket");
      Answers.error(
          context, 426, "expected a WebSocket upgrade; docs/websocket.md tells the frames");
      return;
    }
    if (serving.phase() == Serving.Phase.DRAINING) {
      Answers.error(context, 503, serving.unready());
      return;
    }
    context.request().toWebSocket().onSuccess(this::open);
    // A handshake that cannot be completed is answered by Vert.x itself.
  }

  private void open(ServerWebSocket webSocket) {
    var socket = new StreamSocket(webSocket, loop, serving, metrics, feeds);
    sockets.add(socket);
    webSocket.closeHandler(
        ignored -> {
          sockets.remove(socket);
          socket.closed();
        });
    socket.open();
  }
}
