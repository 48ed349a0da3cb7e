package dev.nagare.loadtest.bench.serve.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.channels.Selector;

/** HTTP/1.1 with one request at a time, the connection kept alive. */
final class Http1Wire extends Wire {
  private static final byte[] LENGTH = "content-length:".getBytes(US_ASCII);
  private static final int STATUS_AT = 9; // after "HTTP/1.1 "
  private static final int FREE = -1;

  private long due;
  private int number = FREE;
  private int scanned;
  private int status;
  private int bodyBytes;
  private int missing;
  private boolean inBody;

  Http1Wire(int port, Selector selector, Replies replies) throws IOException {
    super(port, selector, replies);
  }

  @Override
  void write(Call call, int callNumber, long dueNanos) {
    makeRoom(call.bytes().length);
    out.put(call.bytes());
    number = callNumber;
    due = dueNanos;
  }

  @Override
  void arrived() throws IOException {
    if (number == FREE) {
      throw new IOException("the server sent what nobody asked for");
    }
    int body = 0;
    if (!inBody) {
      body = headEnd();
      if (body < 0) {
        return;
      }
      status = number(STATUS_AT);
      bodyBytes = contentLength(body);
      missing = bodyBytes;
      inBody = true;
    }
    keep(body, in.position());
    missing -= in.position() - body;
    in.clear(); // the body is counted
    if (missing < 0) {
      throw new IOException("the server sent more than its Content-Length");
    }
    if (missing == 0) {
      int answered = number;
      number = FREE;
      inBody = false;
      replies.replied(this, due, answered, status, bodyBytes);
    }
  }

  /** Where the body begins; -1 if that has not come yet. */
  private int headEnd() throws IOException {
    int last = in.position() - 1;
    for (int i = scanned; i < last - 2; i++) {
      if (in.get(i) == '\r'
          && in.get(i + 1) == '\n'
          && in.get(i + 2) == '\r'
          && in.get(i + 3) == '\n') {
        scanned = 0;
        return i + 4;
      }
    }
    if (!in.hasRemaining()) {
      throw new IOException("the server sent " + in.position() + " bytes that are no HTTP head");
    }
    scanned = Math.max(0, last - 2);
    return -1;
  }

  private int contentLength(int end) throws IOException {
    for (int line = STATUS_AT; line < end; line++) {
      if (in.get(line - 1) == '\n' && isLength(line, end)) {
        return number(line + LENGTH.length);
      }
    }
    throw new IOException("the server answered without Content-Length");
  }

  private boolean isLength(int line, int end) {
    if (line + LENGTH.length >= end) {
      return false;
    }
    for (int i = 0; i < LENGTH.length; i++) {
      if ((in.get(line + i) | 0x20) != (LENGTH[i] | 0x20)) {
        return false;
      }
    }
    return true;
  }

  private int number(int at) {
    int from = at;
    while (in.get(from) == ' ') {
      from++;
    }
    int value = 0;
    for (int i = from; in.get(i) >= '0' && in.get(i) <= '9'; i++) {
      value = 10 * value + in.get(i) - '0';
    }
    return value;
  }

  @Override
  void unanswered(Replies to) {
    if (number != FREE) {
      to.replied(this, due, number, 0, 0);
      number = FREE;
    }
  }
}
