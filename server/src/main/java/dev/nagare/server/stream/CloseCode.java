package dev.nagare.server.stream;

import io.vertx.core.http.ServerWebSocket;

/** Why the server ends a connection: RFC 6455 §7.4.1 and the registry of IANA that it founded. */
enum CloseCode {
  /** The server is stopping: connect again, here or elsewhere. */
  GOING_AWAY(1001),
  /** A binary message that is not laid out as {@link BinaryMessage} says. */
  UNSUPPORTED_DATA(1003),
  /** A text that is not UTF-8. */
  NOT_UTF8(1007),
  /** A token that has expired or was taken back, or that may nothing here any more. */
  POLICY(1008),
  /** A message that is too large. */
  TOO_BIG(1009),
  /** The connection failed in a way that nobody has foreseen. */
  FAILED(1011),
  /** There are too many connections. */
  TRY_AGAIN_LATER(1013);

  /** What a close frame has room for beside its code. */
  private static final int MOST_REASON = 123;

  private final short code;

  CloseCode(int code) {
    this.code = (short) code;
  }

  /** Ends the connection; of the reason is sent what a close frame has room for, in ASCII. */
  void end(ServerWebSocket socket, String reason) {
    String ascii = reason.replaceAll("[^ -~]", "?");
    socket.close(code, ascii.substring(0, Math.min(ascii.length(), MOST_REASON)));
  }
}
