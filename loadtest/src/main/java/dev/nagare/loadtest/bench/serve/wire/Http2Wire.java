package dev.nagare.loadtest.bench.serve.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Selector;

/**
 * gRPC over HTTP/2 without TLS: many unary calls to one method on a connection.
 *
 * <p>Requests are small, so that the server's first window holds all that can be under way. An
 * answer is good if its stream ended with a message: a gRPC error has none. The headers of the
 * first call enter the server's table; later ones are an index each, as other clients do it.
 *
 * <p>Source: RFC 9113 (frames), RFC 7541 (header tables).
 */
final class Http2Wire extends Wire {
  /** Calls at a time; the server's usual limit is 100. */
  static final int STREAMS = 64;

  /** Places of streams, far more than are open: a stream may be overtaken by that many. */
  private static final int PLACES = 1 << 13;

  private static final int FRAME_HEAD = 9;
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RESET = 3;
  private static final int SETTINGS = 4;
  private static final int PING = 6;
  private static final int GO_AWAY = 7;
  private static final int WINDOW_UPDATE = 8;
  private static final int END_STREAM = 1;
  private static final int ACK = 1;
  private static final int END_HEADERS = 4;
  private static final int FIRST_WINDOW = 65_535;
  private static final int WINDOW_STEP = 1 << 30;

  private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);
  // POST and http of the static table, then the four that the first call added, the newest first.
  private static final byte[] LATER = {
    (byte) 0x83, (byte) 0x86, (byte) 0xc1, (byte) 0xc0, (byte) 0xbf, (byte) 0xbe
  };

  private final long[] due = new long[PLACES];
  private final int[] number = new int[PLACES];
  private final int[] bytes = new int[PLACES];
  private final boolean[] busy = new boolean[PLACES];
  private byte[] headers;
  private int nextStream = 1;
  private long mayReceive = FIRST_WINDOW + (long) WINDOW_STEP;
  private long maySend = FIRST_WINDOW;

  Http2Wire(int port, String path, Selector selector, Replies replies) throws IOException {
    super(port, selector, replies);
    headers = first(port, path);
    out.put(PREFACE);
    frame(0, SETTINGS, 0, 0);
    frame(4, WINDOW_UPDATE, 0, 0);
    out.putInt(WINDOW_STEP);
    flush();
  }

  private static byte[] first(int port, String path) {
    var block = new ByteArrayOutputStream();
    block.write(0x83);
    block.write(0x86);
    indexed(block, 4, path);
    indexed(block, 1, "127.0.0.1:" + port);
    indexed(block, 31, "application/grpc");
    block.write(0x40);
    text(block, "te");
    text(block, "trailers");
    return block.toByteArray();
  }

  /** A value, to be remembered, of a name in the static table. */
  private static void indexed(ByteArrayOutputStream block, int name, String value) {
    block.write(0x40 | name);
    text(block, value);
  }

  private static void text(ByteArrayOutputStream block, String value) {
    byte[] ascii = value.getBytes(US_ASCII);
    if (ascii.length >= 127) {
      throw new IllegalArgumentException("expected less than 127 bytes, got " + value);
    }
    block.write(ascii.length);
    block.writeBytes(ascii);
  }

  private void frame(int length, int type, int flags, int stream) {
    out.put((byte) (length >> 16)).putShort((short) length);
    out.put((byte) type).put((byte) flags).putInt(stream);
  }

  private static int place(int stream) {
    return (stream >>> 1) % PLACES;
  }

  @Override
  void write(Call call, int callNumber, long dueNanos) {
    int length = call.bytes().length;
    int place = place(nextStream);
    if (busy[place] || maySend < length) {
      throw new IllegalStateException("the server's window is full: messages are too large");
    }
    due[place] = dueNanos;
    number[place] = callNumber;
    bytes[place] = 0;
    busy[place] = true;
    frame(headers.length, HEADERS, END_HEADERS, nextStream);
    out.put(headers);
    frame(length, DATA, END_STREAM, nextStream);
    out.put(call.bytes());
    maySend -= length;
    headers = LATER;
    nextStream += 2;
  }

  @Override
  void arrived() throws IOException {
    int at = 0;
    int end = in.position();
    while (end - at >= FRAME_HEAD) {
      int length = in.getInt(at) >>> 8;
      if (end - at < FRAME_HEAD + length) {
        break;
      }
      arrived(in.get(at + 3), in.get(at + 4), in.getInt(at + 5), at + FRAME_HEAD, length);
      at += FRAME_HEAD + length;
    }
    if (at == 0 && !in.hasRemaining()) {
      throw new IOException("the server sent a frame larger than agreed");
    }
    if (at > 0) {
      in.limit(end).position(at);
      in.compact();
    }
  }

  private void arrived(int type, int flags, int stream, int at, int length) throws IOException {
    switch (type) {
      case DATA -> {
        bytes[place(stream)] += length;
        keep(at, at + length);
        mayReceive -= length;
        if (mayReceive < WINDOW_STEP / 2) {
          frame(4, WINDOW_UPDATE, 0, 0);
          out.putInt(WINDOW_STEP);
          mayReceive += WINDOW_STEP;
        }
        endIf((flags & END_STREAM) != 0, stream);
      }
      case HEADERS -> endIf((flags & END_STREAM) != 0, stream);
      case RESET -> {
        bytes[place(stream)] = 0;
        endIf(true, stream);
      }
      case SETTINGS -> {
        if ((flags & ACK) == 0) {
          frame(0, SETTINGS, ACK, 0);
        }
      }
      case PING -> {
        if ((flags & ACK) == 0) {
          frame(length, PING, ACK, 0);
          out.putLong(in.getLong(at));
        }
      }
      case WINDOW_UPDATE -> {
        if (stream == 0) {
          maySend += in.getInt(at);
        }
      }
      case GO_AWAY -> throw new IOException("the server said GOAWAY");
      default -> {} // whatever else there is, it is not about our calls
    }
  }

  private void endIf(boolean ended, int stream) {
    int place = place(stream);
    if (ended && busy[place]) {
      busy[place] = false;
      int got = bytes[place];
      replies.replied(this, due[place], number[place], got > 0 ? 200 : 500, got);
    }
  }

  @Override
  void unanswered(Replies to) {
    for (int place = 0; place < PLACES; place++) {
      if (busy[place]) {
        busy[place] = false;
        to.replied(this, due[place], number[place], 0, 0);
      }
    }
  }
}
