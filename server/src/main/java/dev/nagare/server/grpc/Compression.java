package dev.nagare.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.nagare.streaming.protocol.ProtocolException;
import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.grpc.common.GrpcMessage;
import java.io.IOException;
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
   * The bytes as their sender meant them; not a copy if they came as they are.
   *
   * @throws ProtocolException status 413 if they are too many, 501 for an encoding other than gzip,
   *     400 if they are none of it
   */
  static ByteString bytes(GrpcMessage message, int limitBytes) {
    ByteString came = wrapped(message.payload());
    return switch (message.encoding()) {
      case "identity" -> came;
      case "gzip" -> unzipped(came, limitBytes);
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

  private static ByteString unzipped(ByteString zipped, int limitBytes) {
    try (var in = new GZIPInputStream(zipped.newInput())) {
      byte[] bytes = in.readNBytes(limitBytes + 1);
      if (bytes.length > limitBytes) {
        throw tooLarge(limitBytes, "more once it is decompressed");
      }
      return UnsafeByteOperations.unsafeWrap(bytes);
    } catch (IOException e) {
      throw new ProtocolException(400, "expected a message in gzip, got " + e.getMessage());
    }
  }

  /** The refusal of a message beyond the limit. */
  static ProtocolException tooLarge(int limitBytes, String got) {
    return new ProtocolException(
        413,
        "expected a message of at most "
            + limitBytes
            + " bytes (server.max-body-bytes), got "
            + got);
  }
}
