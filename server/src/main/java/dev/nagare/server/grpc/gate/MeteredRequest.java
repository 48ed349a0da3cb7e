package dev.nagare.server.grpc.gate;

import dev.nagare.server.grpc.call.Visitor;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import io.vertx.core.internal.http.HttpServerRequestWrapper;
import org.jspecify.annotations.Nullable;

/**
 * A call whose messages count from their first bytes on, while the library still waits for the rest
 * of them. What the library skips, because it is too large, counts nothing. What is refused is
 * dropped as it comes.
 */
final class MeteredRequest extends HttpServerRequestWrapper {
  private final Visitor visitor;
  private final boolean whole;
  private long came;
  private boolean refused;
  private int prefix;
  private long length;
  private long left;
  private boolean skipped;

  /**
   * Meters a request.
   *
   * @param whole whether the limit of a message is that of all of the call
   */
  MeteredRequest(HttpServerRequest request, Visitor visitor, boolean whole) {
    super((HttpServerRequestInternal) request);
    this.visitor = visitor;
    this.whole = whole;
  }

  @Override
  public HttpServerRequest handler(@Nullable Handler<Buffer> next) {
    super.handler(next == null ? null : bytes -> meter(bytes, next));
    return this;
  }

  private void meter(Buffer bytes, Handler<Buffer> next) {
    came += bytes.length();
    if (refused) {
      return;
    }
    if (whole && came > Visitor.PREFIX + visitor.maxMessageBytes()) {
      refuse(visitor.tooLarge("more"));
    } else if (!visitor.room().grow(kept(bytes))) {
      refuse(visitor.budget().refusal());
    } else {
      next.handle(bytes);
    }
  }

  private void refuse(ProtocolException why) {
    refused = true;
    visitor.refuse(why);
  }

  /** How many of the bytes are of messages that are not too large. */
  private long kept(Buffer bytes) {
    long kept = 0;
    for (int at = 0; at < bytes.length(); ) {
      if (left > 0) {
        int part = (int) Math.min(left, bytes.length() - at);
        at += part;
        left -= part;
        kept += skipped ? 0 : part;
        continue;
      }
      int next = bytes.getUnsignedByte(at++);
      length = prefix == 0 ? 0 : length << 8 | next;
      if (++prefix == Visitor.PREFIX) {
        prefix = 0;
        left = length;
        skipped = length > visitor.maxMessageBytes();
        kept += skipped ? 0 : Visitor.PREFIX;
      }
    }
    return kept;
  }
}
