package dev.nagare.server.stream;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.nagare.server.config.Scope;
import dev.nagare.server.http.Answers;
import dev.nagare.server.http.RequestBody;
import dev.nagare.server.observe.Trace;
import dev.nagare.server.security.Identity;
import dev.nagare.streaming.AnswerShare;
import dev.nagare.streaming.protocol.Payload;
import dev.nagare.streaming.protocol.ProtocolException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection: takes its commands and writes what comes of them. Answers are never
 * dropped: a client that does not read them is not read from either. Events wait in the history.
 */
final class StreamSocket implements Messages.Receiver, Questions.Asker, Cursor.Outlet {
  /** Of events; what is beyond waits in the history, and answers have their share of the budget. */
  private static final int WRITE_QUEUE_BYTES = 64 << 10;

  private static final int MOST_QUESTIONS_AT_ONCE = 64;

  private final ServerWebSocket socket;
  private final Identity caller;
  private final StreamRoute.Parts parts;
  private final Messages messages;
  private final Subscriptions subscriptions;
  private final Questions questions;
  private boolean draining;
  private boolean closing;

  /** Creates a connection that reads nothing yet. */
  StreamSocket(
      ServerWebSocket socket,
      Identity caller,
      StreamRoute.Parts parts,
      AnswerShare share,
      int mostMessageBytes) {
    this.socket = socket;
    this.caller = caller;
    this.parts = parts;
    this.messages = new Messages(mostMessageBytes, parts.memory().budget(), this);
    this.subscriptions = new Subscriptions(parts.serving(), parts.feeds(), this);
    this.questions = new Questions(parts, caller, share, this);
  }

  /** Reads from now on. */
  void open() {
    socket
        .setWriteQueueMaxSize(WRITE_QUEUE_BYTES)
        .drainHandler(ignored -> drained())
        .frameHandler(messages)
        .exceptionHandler(this::broken);
  }

  /** To be called when the connection has ended, however it did. */
  void closed() {
    closing = true;
    messages.close();
    subscriptions.close();
    questions.leave();
  }

  /** The server stops: what was accepted is answered, then the connection ends. */
  void drain() {
    draining = true;
    moved();
  }

  /** Called now and then: sees whether the client is there, and whether it may still be. */
  void look() {
    if (mayStay()) {
      socket.writePing(Buffer.buffer());
    }
  }

  private boolean mayStay() {
    if (isClosed()) {
      return false;
    }
    try {
      caller.look();
      caller.require(Scope.INFER);
      return true;
    } catch (ProtocolException e) {
      refuse(CloseCode.POLICY, String.valueOf(e.getMessage()));
      return false;
    }
  }

  @Override
  public void text(byte[] utf8) {
    obey(utf8, null);
  }

  @Override
  public void binary(RequestBody message) {
    int end = BinaryMessage.end(message);
    if (end < 0) {
      refuse(
          CloseCode.UNSUPPORTED_DATA,
          "expected the length of the JSON in 4 bytes, little-endian, the JSON, and tensors");
    } else {
      obey(BinaryMessage.json(message, end), message.after(end));
    }
  }

  @Override
  public void skip(ProtocolException why) {
    send(Frames.error(null, why));
  }

  @Override
  public void refuse(CloseCode code, String reason) {
    if (!isClosed()) {
      closing = true;
      code.end(socket, reason);
    }
  }

  private void broken(Throwable thrown) {
    if (isClosed()) {
      return;
    }
    if (thrown instanceof CorruptedWebSocketFrameException corrupted) {
      closing = true;
      socket.close((short) corrupted.closeStatus().code(), corrupted.closeStatus().reasonText());
    } else {
      refuse(CloseCode.FAILED, "the connection failed");
    }
  }

  private void obey(byte[] json, @Nullable Payload tensors) {
    if (!mayStay()) {
      return;
    }
    String id = null;
    try {
      Command command = Command.parse(json);
      id = command.id();
      obey(command, tensors);
    } catch (RuntimeException e) {
      send(Frames.error(id, Answers.refusal(e)));
    }
  }

  private void obey(Command command, @Nullable Payload tensors) {
    boolean infer = command.type().equals("infer");
    if (!infer && tensors != null && tensors.remaining() > 0) {
      throw Command.bad(
          "expected nothing after the JSON but for type infer, got "
              + tensors.remaining()
              + " bytes");
    }
    switch (command.type()) {
      case "subscribe" -> subscriptions.subscribe(command);
      case "unsubscribe" -> subscriptions.unsubscribe(command);
      case "credit" -> subscriptions.credit(command);
      case "infer" -> questions.infer(command, tensors);
      case "learn" -> questions.learn(command);
      case "label" -> questions.label(command);
      default -> throw command.unknown();
    }
  }

  @Override
  public void send(String frame) {
    reply(frame);
  }

  @Override
  @CanIgnoreReturnValue
  public Future<Void> reply(String frame) {
    return isClosed() ? Future.succeededFuture() : sent(socket.writeTextMessage(frame));
  }

  @Override
  @CanIgnoreReturnValue
  public Future<Void> reply(Buffer message) {
    return isClosed() ? Future.succeededFuture() : sent(socket.writeBinaryMessage(message));
  }

  private Future<Void> sent(Future<Void> written) {
    regulate();
    return written;
  }

  @Override
  public @Nullable Trace follow(String type, String model, long beganNanos) {
    return parts
        .requests()
        .tracing()
        .socket(socket.headers(), type, socket.path(), model, beganNanos);
  }

  @Override
  public boolean hasRoom() {
    return !isClosed() && !socket.writeQueueFull();
  }

  @Override
  public void moved() {
    if (draining && questions.underWay() == 0) {
      refuse(CloseCode.GOING_AWAY, "the server is stopping");
    } else {
      regulate();
    }
  }

  private void drained() {
    subscriptions.advance();
    regulate();
  }

  // Between the closing of a socket and the call of its handler, Vert.x throws at any question.
  private boolean isClosed() {
    return closing || socket.isClosed();
  }

  /** Reads on only while there is room for what the answers will take. */
  private void regulate() {
    if (isClosed()) {
      return;
    }
    if (questions.underWay() >= MOST_QUESTIONS_AT_ONCE || !hasRoom()) {
      socket.pause();
    } else {
      socket.resume();
    }
  }
}
