package dev.nagare.server.grpc.call;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.nagare.server.admission.Expansion;
import dev.nagare.streaming.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.grpc.common.GrpcMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * The bytes of a message, decompressed. By us, since the limit of a message has to hold for what
 * comes out: a few kilobytes can grow to gigabytes.
 */
final class Compression {
  private Compression() {}

  /** Whether a message came compressed. */
  static boolean isUsed(GrpcMessage message) {
    return !message.encoding().equals("identity");
  }

  /**
   * The bytes as their sender meant them; not a copy if they came as they are. Not for an event
   * loop if they came otherwise.
   *
   * @param visitor whose room grows by what comes out
   * @throws ProtocolException status 413 if they are too many, 501 for an encoding other than gzip,
   *     400 if they are none of it, 429 if there is no room
   */
  static ByteString bytes(GrpcMessage message, Visitor visitor) {
    ByteString came = wrapped(message.payload());
    return switch (message.encoding()) {
      case "identity" -> came;
      case "gzip" -> unzipped(came, visitor);
      default ->
          throw new ProtocolException(
              501, "grpc-encoding: expected gzip or identity, got '" + message.encoding() + "'");
    };
  }

  private static ByteString wrapped(Buffer buffer) {
    ByteBuf bytes = ((BufferInternal) buffer).getByteBuf();
    return bytes.hasArray()
        ? UnsafeByteOperations.unsafeWrap(
            bytes.array(), bytes.arrayOffset() + bytes.readerIndex(), bytes.readableBytes())
        : UnsafeByteOperations.unsafeWrap(buffer.getBytes());
  }

  private static ByteString unzipped(ByteString zipped, Visitor visitor) {
    try (var in = new GZIPInputStream(zipped.newInput())) {
      return joined(
          Expansion.of(
              in,
              visitor.maxMessageBytes(),
              visitor.budget(),
              visitor.room(),
              () -> visitor.tooLarge("more once it is decompressed")),
          visitor);
    } catch (IOException e) {
      throw new ProtocolException(400, "expected a message in gzip, got " + e.getMessage());
    }
  }

  /** In one piece, since of several the library copies each tensor once more. */
  private static ByteString joined(List<byte[]> pieces, Visitor visitor) {
    if (pieces.size() == 1) {
      return UnsafeByteOperations.unsafeWrap(pieces.getFirst());
    }
    int length = pieces.stream().mapToInt(piece -> piece.length).sum();
    if (!visitor.room().grow(length)) {
      throw visitor.budget().refusal();
    }
    ByteBuffer whole = ByteBuffer.allocate(length);
    pieces.forEach(whole::put);
    visitor.room().shrink(length);
    return UnsafeByteOperations.unsafeWrap(whole.array());
  }
}
