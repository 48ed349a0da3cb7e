package dev.nagare.streaming.protocol;

import dev.nagare.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;

/**
 * The bytes of a message after its JSON, in the pieces that they came in: tensors one after the
 * other, little-endian, row-major. Read once, by one thread; each byte is copied once, to where its
 * tensor lives.
 */
public final class Payload {
  private final ArrayDeque<ByteBuffer> pieces;
  private long remaining;

  /** A payload of these pieces, whose positions move as it is read. */
  public Payload(List<ByteBuffer> pieces) {
    this.pieces = new ArrayDeque<>(pieces);
    for (ByteBuffer piece : pieces) {
      remaining += piece.remaining();
    }
  }

  /** Bytes that were not read yet. */
  public long remaining() {
    return remaining;
  }

  /** Fills a U8 {@code [n]} with the next bytes, of which there are at least n. */
  void read(Tensor bytes) {
    long wanted = bytes.elements();
    remaining -= wanted;
    for (long at = 0; at < wanted; ) {
      ByteBuffer piece = pieces.getFirst();
      long count = Math.min(wanted - at, piece.remaining());
      bytes.narrow(at, count).copyFrom(piece);
      at += count;
      if (!piece.hasRemaining()) {
        pieces.removeFirst();
      }
    }
  }
}
