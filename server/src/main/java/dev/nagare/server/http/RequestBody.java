package dev.nagare.server.http;

import dev.nagare.streaming.protocol.Payload;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of a request in the pieces that they came in, so that tensors are copied once: to where
 * they are needed. Small pieces are joined, since each has a price of its own.
 */
final class RequestBody {
  private static final int SMALL = 4 << 10;

  private final List<ByteBuffer> pieces = new ArrayList<>(1);
  private Buffer gathered = Buffer.buffer();
  private int length;

  /** Adds what came next. */
  void add(Buffer chunk) {
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
  int length() {
    return length;
  }

  /** The pieces, each at its first byte. */
  List<ByteBuffer> pieces() {
    seal();
    return pieces.stream().map(ByteBuffer::duplicate).toList();
  }

  /** A copy of so many bytes from the first on. */
  byte[] head(int count) {
    byte[] head = new byte[count];
    int at = 0;
    for (ByteBuffer piece : pieces()) {
      int part = Math.min(piece.remaining(), count - at);
      piece.get(head, at, part);
      at += part;
    }
    return head;
  }

  /** What comes after so many bytes. */
  Payload after(int count) {
    List<ByteBuffer> rest = new ArrayList<>();
    int skip = count;
    for (ByteBuffer piece : pieces()) {
      int part = Math.min(piece.remaining(), skip);
      piece.position(piece.position() + part);
      skip -= part;
      if (piece.hasRemaining()) {
        rest.add(piece);
      }
    }
    return new Payload(rest);
  }
}
