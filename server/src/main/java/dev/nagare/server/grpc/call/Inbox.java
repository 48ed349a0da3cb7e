package dev.nagare.server.grpc.call;

import com.google.protobuf.ByteString;
import dev.nagare.server.http.Answers;
import dev.nagare.streaming.protocol.ProtocolException;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.grpc.common.GrpcMessage;
import io.vertx.grpc.common.MessageSizeOverflowException;
import io.vertx.grpc.server.GrpcServerRequest;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What a call is sent: messages in their order, decompressed elsewhere than on the event loop, for
 * as long as the caller's token counts.
 *
 * <p>For the event loop of the doors alone.
 */
final class Inbox {
  /** How often a call that lasts is asked whether its token still counts. */
  private static final long VALIDITY_MILLIS = 5_000;

  private static final int NO_TIMER = -1;

  private final Call call;
  private final GrpcServerRequest<Buffer, Buffer> request;
  private final Vertx vertx;
  private final Visitor visitor;
  private long validity = NO_TIMER;
  private @Nullable GrpcMessage first;
  private boolean more;
  private boolean zipped;
  private boolean expanding;
  private boolean paused;

  Inbox(Call call, GrpcServerRequest<Buffer, Buffer> request, Vertx vertx, Visitor visitor) {
    this.call = call;
    this.request = request;
    this.vertx = vertx;
    this.visitor = visitor;
  }

  /** Whether a message came compressed. */
  boolean zipped() {
    return zipped;
  }

  /** Reads the one message of a call, and hands it on once the caller has said that it is all. */
  void one(Consumer<ByteString> handler) {
    request.messageHandler(
        message -> {
          more |= first != null;
          first = first == null ? message : first;
        });
    request.endHandler(
        ignored ->
            call.guarded(
                () -> {
                  GrpcMessage only = first;
                  first = null;
                  if (only == null || more) {
                    throw new ProtocolException(
                        400, "expected one message, got " + (more ? "more" : "none"));
                  }
                  bytes(only, call::refuse, handler);
                }));
  }

  /**
   * Reads all messages of a call as they come, for as long as its token counts.
   *
   * @param refused told of messages that are none
   * @param end called when the caller has said that there are no more
   */
  void each(Consumer<ByteString> handler, Consumer<ProtocolException> refused, Runnable end) {
    request.invalidMessageHandler(
        invalid -> refused.accept(tooLarge((MessageSizeOverflowException) invalid)));
    request.messageHandler(
        message ->
            call.guarded(
                () -> {
                  requireValid();
                  bytes(message, refused, handler);
                }));
    request.endHandler(ignored -> call.guarded(end));
    validity = vertx.setPeriodic(VALIDITY_MILLIS, ignored -> call.guarded(this::requireValid));
  }

  private void requireValid() {
    if (!visitor.caller().isValid()) {
      call.leaving();
      throw new ProtocolException(401, "the token of this call is not valid any more");
    }
  }

  /** Hands on what a message says; of a compressed one later, and in order all the same. */
  private void bytes(
      GrpcMessage message, Consumer<ProtocolException> refused, Consumer<ByteString> handler) {
    if (!Compression.isUsed(message)) {
      take(message, Compression.bytes(message, visitor), handler);
      return;
    }
    zipped = true;
    expanding = true;
    request.pause();
    vertx
        .executeBlocking(() -> Compression.bytes(message, visitor), false)
        .onComplete(
            expanded ->
                call.guarded(
                    () -> {
                      expanding = false;
                      if (expanded.failed()) {
                        visitor.room().shrink((long) Visitor.PREFIX + message.payload().length());
                        refused.accept(Answers.refusal(expanded.cause()));
                      } else {
                        take(message, expanded.result(), handler);
                      }
                      if (!paused) {
                        resume();
                      }
                    }));
  }

  private void take(GrpcMessage message, ByteString bytes, Consumer<ByteString> handler) {
    try {
      handler.accept(bytes);
    } finally {
      // What it says is copied by now.
      long came = (long) Visitor.PREFIX + message.payload().length();
      visitor.room().shrink(came + (Compression.isUsed(message) ? bytes.size() : 0));
    }
  }

  /** The refusal of a message that the library has skipped. */
  ProtocolException tooLarge(MessageSizeOverflowException e) {
    return visitor.tooLarge(Long.toString(e.messageSize()));
  }

  /** Reads no more until {@link #resume()}. */
  void pause() {
    paused = true;
    if (!call.ended()) {
      request.pause();
    }
  }

  /** Reads on. */
  void resume() {
    paused = false;
    if (!call.ended() && !expanding) {
      request.resume();
    }
  }

  /** Nothing more is read: what it took is given back. */
  void close() {
    if (validity != NO_TIMER) {
      vertx.cancelTimer(validity);
      validity = NO_TIMER;
    }
    visitor.room().close();
  }
}
