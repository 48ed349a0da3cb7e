package dev.nagare.server.http;

import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.protocol.Payload;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a request, or of a message of a WebSocket, in the pieces that they came in, so that
 * tensors are copied once: to where they are needed. Small pieces are joined, since each has a
 * price of its own.
 */
public final class RequestBody implements AutoCloseable {
  private static final int SMALL = 4 << 10;

  private final ByteBudget.Share room;
  private final List<ByteBuffer> pieces = new ArrayList<>(1);
  private Buffer gathered = Buffer.buffer();
  private int length;

  /**
   * Nothing yet.
   *
   * @param room that its bytes have taken; given back by {@link #close}
   */
  public RequestBody(ByteBudget.Share room) {
    this.room = room;
  }

  /** Adds what came next. */
  public void add(Buffer chunk) {
    if (chunk.length() == 0) {
      return; // or else any number of them would be kept
    }
    boolean only = length == 0;
    length += chunk.length();
    if (only || chunk.length() >= SMALL) {
      seal();
      pieces.add(bytes(chunk));
    } else {
      gathered.appendBuffer(chunk);
    }
  }

  private void seal() {
    if (gathered.length() > 0) {
      pieces.add(bytes(gathered));
      gathered = Buffer.buffer();
    }
  }

  private static ByteBuffer bytes(Buffer chunk) {
    return ((BufferInternal) chunk).getByteBuf().nioBuffer();
  }

  /** Bytes in all. */
  public int length() {
    return length;
  }

  /**
   * What comes out of a body that is compressed, in its place. Not for an event loop.
   *
   * @throws dev.nagare.streaming.protocol.ProtocolException status 400 if it is damaged, 413 if it
   *     is larger than allowed, 429 if there is no room
   */
  RequestBody expanded(Compression coding, Bodies limits) {
    var plain = new RequestBody(room);
    for (byte[] piece : coding.expand(pieces(), limits, room)) {
      plain.length += piece.length;
      plain.pieces.add(ByteBuffer.wrap(piece));
    }
    room.shrink(length);
    return plain;
  }

  /** The pieces, each at its first byte. */
  List<ByteBuffer> pieces() {
    return from(0);
  }

  /** A copy of the bytes from one place to another. */
  public byte[] bytes(int from, int to) {
    byte[] copy = new byte[to - from];
    int at = 0;
    for (ByteBuffer piece : from(from)) {
      int part = Math.min(piece.remaining(), copy.length - at);
      piece.get(copy, at, part);
      at += part;
    }
    return copy;
  }

  /** What comes after so many bytes. */
  public Payload after(int count) {
    return new Payload(from(count));
  }

  private List<ByteBuffer> from(int place) {
    seal();
    List<ByteBuffer> rest = new ArrayList<>(pieces.size());
    int skip = place;
    for (ByteBuffer piece : pieces) {
      int part = Math.min(piece.remaining(), skip);
      skip -= part;
      if (part < piece.remaining()) {
        rest.add(piece.duplicate().position(piece.position() + part));
      }
    }
    return rest;
  }

  /** Its bytes count no more: whoever reads has read it. */
  @Override
  public void close() {
    room.close();
  }
}
