package dev.nagare.server.stream;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.http.Answers;
import dev.nagare.server.http.CallerMemory;
import dev.nagare.server.http.Gate;
import dev.nagare.server.http.Route;
import dev.nagare.server.observe.Requests;
import dev.nagare.server.security.Identity;
import dev.nagare.streaming.AnswerShare;
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
  private final Parts parts;
  private final Limits limits;
  private final Set<StreamSocket> sockets = new LinkedHashSet<>();

  /**
   * What bounds the connections.
   *
   * @param sockets most at once
   * @param messageBytes most of a message that a client sends
   * @param statusMillis how often status is told
   * @param lookMillis how often a client is pinged and its token looked at again; well below the
   *     time after which a door gives a silent client up
   */
  public record Limits(int sockets, int messageBytes, long statusMillis, long lookMillis) {
    /** With the usual times. */
    public static Limits of(int sockets, int messageBytes) {
      return new Limits(sockets, messageBytes, 1_000, 25_000);
    }
  }

  /** What connections have in common. */
  record Parts(
      Context loop,
      Serving serving,
      Requests requests,
      CallerMemory memory,
      Map<String, EventFeed> feeds) {}

  /** Creates the route; {@link #watch} gives it models. */
  public StreamRoute(
      Vertx vertx,
      Context loop,
      Serving serving,
      Requests requests,
      CallerMemory memory,
      Limits limits) {
    this.parts = new Parts(loop, serving, requests, memory, new HashMap<>());
    this.limits = limits;
    loop.runOnContext(
        ignored -> {
          vertx.setPeriodic(
              limits.statusMillis(), timer -> parts.feeds.values().forEach(EventFeed::tellStatus));
          vertx.setPeriodic(
              limits.lookMillis(), timer -> List.copyOf(sockets).forEach(StreamSocket::look));
        });
  }

  /** Streams a model's events to whoever subscribes. */
  public void watch(ModelService model) {
    var feed = new EventFeed(model, parts.loop, parts.requests.metrics());
    parts.loop.runOnContext(ignored -> parts.feeds.put(model.name(), feed));
    model.events().subscribe(feed);
  }

  /**
   * Closes all sockets with 1001, "going away", once what they asked is answered, and lets the
   * models go.
   */
  public void drain() {
    parts.loop.runOnContext(
        ignored -> {
          parts.feeds.values().forEach(EventFeed::cancel);
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
    if (parts.serving.phase() == Serving.Phase.DRAINING) {
      Answers.error(context, 503, parts.serving.unready());
      return;
    }
    Identity caller = Gate.caller(context);
    AnswerShare share = parts.memory.share(context.request().connection());
    context.request().toWebSocket().onSuccess(socket -> open(socket, caller, share));
    // A handshake that cannot be completed is answered by Vert.x itself.
  }

  private void open(ServerWebSocket webSocket, Identity caller, AnswerShare share) {
    if (sockets.size() >= limits.sockets) {
      CloseCode.TRY_AGAIN_LATER.end(
          webSocket, "there are " + limits.sockets + " WebSockets already (server.max-websockets)");
      return;
    }
    var socket = new StreamSocket(webSocket, caller, parts, share, limits.messageBytes);
    sockets.add(socket);
    parts.requests.metrics().sockets(1);
    webSocket.closeHandler(
        ignored -> {
          sockets.remove(socket);
          parts.requests.metrics().sockets(-1);
          socket.closed();
        });
    socket.open();
  }
}
