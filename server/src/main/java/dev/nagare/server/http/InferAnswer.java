package dev.nagare.server.http;

import dev.nagare.streaming.protocol.EncodedAnswer;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayList;
import java.util.List;

/** Sends an answer: JSON, or JSON and tensors, which are handed to the socket as they are. */
final class InferAnswer {
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence BYTES = HttpHeaders.createOptimized("application/octet-stream");
  private static final CharSequence JSON_LENGTH =
      HttpHeaders.createOptimized("Inference-Header-Content-Length");

  /** What takes longer to compress than a caller beside may wait is done elsewhere. */
  private static final int INLINE_BYTES = 64 << 10;

  private static final int COPIED_BYTES = 4 << 10;

  private InferAnswer() {}

  /** Sends it with status 200; a caller that has left gets nothing, which is no error. */
  static Future<Void> send(RoutingContext context, EncodedAnswer answer) {
    HttpServerResponse response = context.response();
    List<byte[]> pieces = new ArrayList<>();
    pieces.add(answer.json());
    List<byte[]> tensors = answer.tensors();
    if (tensors != null) {
      pieces.addAll(tensors);
    }
    if (response.ended() || response.closed()) {
      return Future.succeededFuture();
    }
    if (tensors == null) {
      response.putHeader(HttpHeaders.CONTENT_TYPE, JSON);
    } else {
      response
          .putHeader(HttpHeaders.CONTENT_TYPE, BYTES)
          .putHeader(JSON_LENGTH, Integer.toString(answer.json().length));
    }
    Compression coding =
        Compression.wanted(context.request().getHeader(HttpHeaders.ACCEPT_ENCODING));
    if (coding == null) {
      return response.end(joined(pieces));
    }
    response
        .putHeader(HttpHeaders.CONTENT_ENCODING, coding.coding())
        .putHeader(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
    if (pieces.stream().mapToLong(piece -> piece.length).sum() <= INLINE_BYTES) {
      return response.end(Buffer.buffer(coding.shrink(pieces)));
    }
    return context
        .vertx()
        .executeBlocking(() -> coding.shrink(pieces), false)
        .compose(
            coded ->
                response.closed() ? Future.succeededFuture() : response.end(Buffer.buffer(coded)));
  }

  /** One piece if it is small: each has a price of its own on its way to the socket. */
  private static Buffer joined(List<byte[]> pieces) {
    int length = 0;
    for (byte[] piece : pieces) {
      length += piece.length;
    }
    if (length <= COPIED_BYTES) {
      Buffer whole = Buffer.buffer(length);
      pieces.forEach(whole::appendBytes);
      return whole;
    }
    return BufferInternal.buffer(Unpooled.wrappedBuffer(pieces.toArray(byte[][]::new)));
  }
}
