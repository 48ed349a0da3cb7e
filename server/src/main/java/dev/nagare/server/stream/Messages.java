package dev.nagare.server.stream;

import dev.nagare.server.http.RequestBody;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketFrame;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Puts the frames of a client together to messages, with their bytes as they came. (What Vert.x
 * puts together is copied, has question marks where a text is not UTF-8, and is lost if its first
 * frame is empty.) A message for which there is no room is skipped; after a refusal nothing is read
 * any more. For the event loop of its door.
 */
final class Messages implements Handler<WebSocketFrame> {
  private static final int CHECKED_AT_ONCE = 1024;

  private final int mostBytes;
  private final ByteBudget budget;
  private final Receiver receiver;
  private final CharsetDecoder utf8 =
      StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT);
  private final CharBuffer decoded = CharBuffer.allocate(CHECKED_AT_ONCE);
  private ByteBudget.@Nullable Share room;
  private @Nullable RequestBody message; // of the room; null while nothing comes
  private boolean text;
  private boolean refused;

  /** Who gets the messages. */
  interface Receiver {
    /** A whole text, which is UTF-8. */
    void text(byte[] utf8);

    /** A whole binary message, closed when this returns. */
    void binary(RequestBody message);

    /** A message will not be read. */
    void skip(ProtocolException why);

    /** What came is no message that can be taken. */
    void refuse(CloseCode code, String reason);
  }

  /**
   * Creates a reader of one client's frames.
   *
   * @param mostBytes of a message
   * @param budget that messages draw from until they are obeyed
   */
  Messages(int mostBytes, ByteBudget budget, Receiver receiver) {
    this.mostBytes = mostBytes;
    this.budget = budget;
    this.receiver = receiver;
  }

  @Override
  public void handle(WebSocketFrame frame) {
    boolean first = frame.isText() || frame.isBinary();
    if (refused || !(first || frame.isContinuation())) {
      return;
    }
    if (first) {
      begin(frame.isText());
    }
    if (message != null && room != null) {
      add(message, room, frame);
    }
  }

  private void begin(boolean isText) {
    close();
    ByteBudget.Share share = budget.share("websocket");
    room = share;
    message = new RequestBody(share);
    text = isText;
  }

  private void add(RequestBody to, ByteBudget.Share share, WebSocketFrame frame) {
    Buffer data = frame.binaryData();
    if ((long) to.length() + data.length() > mostBytes) {
      refuse(
          CloseCode.TOO_BIG,
          "expected a message of at most " + mostBytes + " bytes (server.max-body-bytes)");
    } else if (!share.grow(data.length())) {
      close();
      receiver.skip(budget.refusal());
    } else {
      to.add(data);
      if (frame.isFinal()) {
        message = null; // nothing of it is kept while nothing comes
        room = null;
        whole(to);
      }
    }
  }

  private void whole(RequestBody message) {
    try (message) { // what it says is copied
      if (!text) {
        receiver.binary(message);
        return;
      }
      byte[] bytes = message.bytes(0, message.length());
      if (isUtf8(bytes)) {
        receiver.text(bytes);
      } else {
        refuse(CloseCode.NOT_UTF8, "expected a text in UTF-8");
      }
    }
  }

  /** Forgets a message that is not whole yet. */
  void close() {
    if (room != null) {
      room.close();
    }
    room = null;
    message = null;
  }

  private boolean isUtf8(byte[] bytes) {
    utf8.reset();
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    CoderResult result;
    do {
      decoded.clear();
      result = utf8.decode(rest, decoded, true);
    } while (result.isOverflow());
    return !result.isError();
  }

  private void refuse(CloseCode code, String reason) {
    refused = true;
    close();
    receiver.refuse(code, reason);
  }
}
