package dev.nagare.server.stream;

import dev.nagare.server.http.RequestBody;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The layout of a binary message, either way: how many bytes the JSON has (32 bits, little-endian),
 * the JSON, and the tensors one after the other as in the binary tensor extension of HTTP, where a
 * header says what the first four bytes say here.
 */
final class BinaryMessage {
  private static final int PREFIX = Integer.BYTES;

  private BinaryMessage() {}

  /** Where the JSON of a message ends; -1 if the message is not laid out like that. */
  static int end(RequestBody message) {
    if (message.length() < PREFIX) {
      return -1;
    }
    long json =
        Integer.toUnsignedLong(
            ByteBuffer.wrap(message.bytes(0, PREFIX)).order(ByteOrder.LITTLE_ENDIAN).getInt());
    return json > message.length() - PREFIX ? -1 : PREFIX + (int) json;
  }

  /** The JSON of a message, which ends there. */
  static byte[] json(RequestBody message, int end) {
    return message.bytes(PREFIX, end);
  }

  /** A message of JSON, in pieces, and tensors, none of which is copied. */
  static Buffer of(List<byte[]> json, List<byte[]> tensors) {
    int length = json.stream().mapToInt(piece -> piece.length).sum();
    byte[][] pieces = new byte[1 + json.size() + tensors.size()][];
    pieces[0] = ByteBuffer.allocate(PREFIX).order(ByteOrder.LITTLE_ENDIAN).putInt(length).array();
    int at = 1;
    for (byte[] piece : json) {
      pieces[at++] = piece;
    }
    for (byte[] tensor : tensors) {
      pieces[at++] = tensor;
    }
    return BufferInternal.buffer(Unpooled.wrappedBuffer(pieces));
  }
}
