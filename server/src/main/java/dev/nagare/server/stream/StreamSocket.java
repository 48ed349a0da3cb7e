package dev.nagare.server.stream;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.http.Answers;
import dev.nagare.server.metrics.Metrics;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection. Answers are never dropped: a client that does not read them is not read
 * from either. Events are dropped and counted while its write queue is full.
 */
final class StreamSocket {
  private static final short GOING_AWAY = 1001;
  private static final short UNSUPPORTED_DATA = 1003;
  private static final int MESSAGE_TOO_BIG = 1009;
  private static final int WRITE_QUEUE_BYTES = 512 << 10;
  private static final int MOST_INFERS_AT_ONCE = 64;

  private final ServerWebSocket socket;
  private final Context loop;
  private final Serving serving;
  private final Metrics metrics;
  private final Map<String, EventFeed> feeds;
  private final Map<EventFeed, Long> missed = new LinkedHashMap<>();
  private final Set<Terms> underWay = new HashSet<>();

  StreamSocket(
      ServerWebSocket socket,
      Context loop,
      Serving serving,
      Metrics metrics,
      Map<String, EventFeed> feeds) {
    this.socket = socket;
    this.loop = loop;
    this.serving = serving;
    this.metrics = metrics;
    this.feeds = feeds;
  }

  void open() {
    metrics.sockets(1);
    socket
        .setWriteQueueMaxSize(WRITE_QUEUE_BYTES)
        .drainHandler(ignored -> regulate())
        .textMessageHandler(this::receive)
        .binaryMessageHandler(
            ignored -> socket.close(UNSUPPORTED_DATA, "expected text frames with JSON"))
        .exceptionHandler(this::broken);
  }

  private void broken(Throwable thrown) {
    if (!socket.isClosed()) {
      int code =
          thrown instanceof CorruptedWebSocketFrameException corrupted
              ? corrupted.closeStatus().code()
              : MESSAGE_TOO_BIG;
      socket.close((short) code, "expected text frames of at most server.max-body-bytes");
    }
  }

  /** To be called when the connection has ended, however it did. */
  void closed() {
    metrics.sockets(-1);
    missed.keySet().forEach(feed -> feed.remove(this));
    List.copyOf(underWay).forEach(Terms::leave);
  }

  void drain() {
    if (!socket.isClosed()) {
      socket.close(GOING_AWAY, "the server is stopping");
    }
  }

  void ping() {
    if (!socket.isClosed()) {
      socket.writePing(Buffer.buffer());
    }
  }

  /** Sends an event, or counts it as missed. */
  void event(EventFeed feed, String frame) {
    long before = missed.getOrDefault(feed, 0L);
    if (full()) {
      missed.put(feed, before + 1);
      feed.missed();
    } else {
      missed.put(feed, 0L);
      socket.writeTextMessage(before == 0 ? frame : Frames.withMissed(frame, before));
    }
  }

  /** Sends a frame that is out of date a second later, if there is room. */
  void offer(String frame) {
    if (!full()) {
      socket.writeTextMessage(frame);
    }
  }

  private void receive(String text) {
    String id = null;
    try {
      Command command = Command.parse(text);
      id = command.id();
      switch (command.type()) {
        case "subscribe" -> subscribe(command);
        case "unsubscribe" -> unsubscribe(command);
        case "infer" -> infer(command);
        default ->
            throw new ProtocolException(
                400,
                "frame: expected the type subscribe, unsubscribe or infer, got '"
                    + command.type()
                    + "'");
      }
    } catch (ProtocolException e) {
      refuse(id, e);
    }
  }

  private void subscribe(Command command) {
    for (EventFeed feed : wanted(command)) {
      feed.remove(this);
      missed.put(feed, 0L);
      send(Frames.confirmation("subscribed", command.id(), feed.model()));
      feed.add(this, command.history());
    }
  }

  private void unsubscribe(Command command) {
    for (EventFeed feed : wanted(command)) {
      feed.remove(this);
      missed.remove(feed);
      send(Frames.confirmation("unsubscribed", command.id(), feed.model()));
    }
  }

  private List<EventFeed> wanted(Command command) {
    if (feeds.isEmpty()) {
      throw new ProtocolException(503, serving.unready());
    }
    String model = command.model();
    if (model == null) {
      return List.copyOf(feeds.values());
    }
    EventFeed feed = feeds.get(serving.model(model).name());
    return feed == null ? List.of() : List.of(feed);
  }

  private void infer(Command command) {
    byte[] request = command.request();
    String model = command.model();
    if (request == null || model == null) {
      throw new ProtocolException(
          400,
          "frame: expected the members 'model' and 'request', a request of the Open Inference"
              + " Protocol");
    }
    serving.accept();
    long began = System.nanoTime();
    Terms terms = Terms.of(Terms.Priority.INTERACTIVE);
    underWay.add(terms);
    try {
      serving
          .model(model)
          .infer(decoded(model, request), terms)
          .whenComplete(
              (response, thrown) ->
                  loop.runOnContext(
                      ignored -> answer(command.id(), model, terms, began, response, thrown)));
    } catch (RuntimeException e) {
      answer(command.id(), model, terms, began, null, e);
    }
    regulate();
  }

  private InferenceRequest decoded(String model, byte[] request) {
    try {
      return serving.codec().decode(request);
    } catch (ProtocolException e) {
      metrics.undecoded(model, e);
      throw e;
    }
  }

  private void answer(
      @Nullable String id,
      String model,
      Terms terms,
      long began,
      @Nullable InferenceResponse response,
      @Nullable Throwable thrown) {
    int status = 200;
    try {
      if (response == null) {
        ProtocolException refusal = Answers.refusal(thrown);
        status = refusal.status();
        refuse(id, refusal);
      } else {
        String encoded = new String(serving.codec().encode(response), StandardCharsets.UTF_8);
        send(Frames.prediction(id, model, encoded));
      }
    } catch (RuntimeException e) {
      status = 500;
      refuse(id, Answers.refusal(e));
    } finally {
      underWay.remove(terms);
      serving.answered();
      metrics.answered(model, "websocket", status, System.nanoTime() - began);
      regulate();
    }
  }

  private void refuse(@Nullable String id, ProtocolException refusal) {
    send(Frames.error(id, refusal.status(), String.valueOf(refusal.getMessage())));
  }

  private void send(String frame) {
    if (!socket.isClosed()) {
      socket.writeTextMessage(frame);
      regulate();
    }
  }

  // Between the closing of a socket and the call of its handler, Vert.x throws at any question.
  private boolean full() {
    return socket.isClosed() || socket.writeQueueFull();
  }

  /** Reads on only while there is room for what the answers will take. */
  private void regulate() {
    if (socket.isClosed()) {
      return;
    }
    if (underWay.size() >= MOST_INFERS_AT_ONCE || full()) {
      socket.pause();
    } else {
      socket.resume();
    }
  }
}
