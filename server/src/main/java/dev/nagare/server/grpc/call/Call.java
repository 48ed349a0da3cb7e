package dev.nagare.server.grpc.call;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.nagare.server.http.Answers;
import dev.nagare.server.security.Principal;
import dev.nagare.streaming.protocol.ProtocolException;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.grpc.common.GrpcStatus;
import io.vertx.grpc.common.MessageSizeOverflowException;
import io.vertx.grpc.common.WireFormat;
import io.vertx.grpc.server.GrpcServerRequest;
import io.vertx.grpc.server.GrpcServerResponse;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One call, from its headers to its status: messages within the limit, an end that comes once, and
 * a caller that may leave or run out of time. Whatever is said after the end is not said.
 *
 * <p>For the event loop of the doors alone.
 */
public final class Call {
  /** With every character escaped, nine for one, it fits the 8 KiB that clients take of headers. */
  private static final int LONGEST_SENTENCE = 800;

  private static final int NO_TIMER = -1;

  private static final int LEFT = 499;
  private static final int OUT_OF_TIME = 504;

  /** Who waits longer than ten years waits for ever. */
  private static final long LONGEST_NANOS = TimeUnit.DAYS.toNanos(3650);

  private final GrpcServerRequest<Buffer, Buffer> request;
  private final GrpcServerResponse<Buffer, Buffer> response;
  private final Vertx vertx;
  private final Visitor visitor;
  private final Inbox inbox;
  private boolean limited;
  private long givenNanos;
  private long deadlineNanos;
  private long timer = NO_TIMER;
  private boolean ended;
  private boolean late;
  private boolean begun;
  private Runnable whenLeft = () -> {};

  private Call(GrpcServerRequest<Buffer, Buffer> request, Vertx vertx, Visitor visitor) {
    this.request = request;
    this.response = request.response();
    this.vertx = vertx;
    this.visitor = visitor;
    this.inbox = new Inbox(this, request, vertx, visitor);
  }

  /** Begins a call. */
  public static void begin(
      GrpcServerRequest<Buffer, Buffer> request, Vertx vertx, Visitor visitor, GrpcMethod method) {
    var call = new Call(request, vertx, visitor);
    visitor.whenRefused(
        refusal -> {
          call.leaving();
          call.refuse(refusal);
        });
    request.invalidMessageHandler(
        invalid -> call.refuse(call.inbox.tooLarge((MessageSizeOverflowException) invalid)));
    request.exceptionHandler(ignored -> call.leave());
    request.errorHandler(ignored -> call.leave());
    call.response.exceptionHandler(ignored -> call.leave());
    call.guarded(
        () -> {
          if (request.format() == WireFormat.JSON) {
            throw new ProtocolException(
                501, "expected messages as protobuf, got application/grpc+json");
          }
          call.limit(request.headers().get("grpc-timeout"));
          if (!call.ended) {
            method.begin(call);
          }
        });
  }

  private void limit(@Nullable String header) {
    if (header == null) {
      return;
    }
    long nanos = Timeout.nanos(header);
    if (nanos > LONGEST_NANOS) {
      return;
    }
    limited = true;
    givenNanos = nanos;
    deadlineNanos = System.nanoTime() + nanos;
    if (nanos == 0) {
      expire();
      return;
    }
    // At least a millisecond: a timer has no less.
    timer = vertx.setTimer(TimeUnit.NANOSECONDS.toMillis(nanos) + 1, ignored -> expire());
  }

  private void expire() {
    timer = NO_TIMER;
    if (!ended) {
      late = true;
      leaving();
      refuse(new ProtocolException(OUT_OF_TIME, "the deadline of the call has passed"));
    }
  }

  /** Whether the caller said how long it waits. */
  public boolean limited() {
    return limited;
  }

  /** Until when a {@link #limited()} caller waits, as {@link System#nanoTime()} reads. */
  public long deadlineNanos() {
    return deadlineNanos;
  }

  /** Where it came from, with other calls. */
  public HttpConnection connection() {
    return request.connection();
  }

  /** The name of the method that was called. */
  public String method() {
    return request.methodName();
  }

  /** What a message names; null if it leaves the choice to the server. */
  public static @Nullable String named(String text) {
    return text.isEmpty() ? null : text;
  }

  /** What came with the call. */
  public MultiMap headers() {
    return request.headers();
  }

  /** A header of the call. */
  public @Nullable String header(String name) {
    return request.headers().get(name);
  }

  /** Called when the caller leaves or runs out of time before it has its answer. */
  public void whenLeft(Runnable told) {
    whenLeft = told;
  }

  /** Whether the call has its status, or nobody who waits for it. */
  public boolean ended() {
    return ended;
  }

  /**
   * What became of the call, for those who count: its caller may have left because its time was
   * over.
   *
   * @param status as HTTP has it, of what asked for the answer
   */
  public int outcome(int status) {
    return status == LEFT && late ? OUT_OF_TIME : status;
  }

  private void leave() {
    if (!ended) {
      late = limited && Timeout.isOver(givenNanos, deadlineNanos - System.nanoTime());
      close();
      whenLeft.run();
    }
  }

  /** Says that the caller will not have its answer. */
  void leaving() {
    if (!ended) {
      whenLeft.run();
    }
  }

  /** Who calls. */
  public Principal caller() {
    return visitor.caller();
  }

  /** Reads the one message of a call, and hands it on once the caller has said that it is all. */
  public void one(Consumer<ByteString> handler) {
    inbox.one(handler);
  }

  /** Reads the one message of a call as what it should be. */
  public <Q> void one(Parser<Q> parser, Consumer<Q> handler) {
    one(bytes -> handler.accept(parsed(parser, bytes)));
  }

  /**
   * Reads all messages of a call as they come, for as long as its token counts.
   *
   * @param refused told of messages that are none
   * @param end called when the caller has said that there are no more
   */
  public void each(
      Consumer<ByteString> handler, Consumer<ProtocolException> refused, Runnable end) {
    inbox.each(handler, refused, end);
  }

  /** What a message says, its bytes fields sharing its memory. */
  static <Q> Q parsed(Parser<Q> parser, ByteString bytes) {
    try {
      CodedInputStream in = bytes.newCodedInput();
      in.enableAliasing(true);
      Q message = parser.parseFrom(in);
      in.checkLastTagWas(0);
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw new ProtocolException(400, "not a message of this call: " + e.getMessage());
    }
  }

  /** Ends with a message. */
  public void answer(MessageLite message) {
    var _ = answer(message.toByteArray());
  }

  /**
   * Ends with an encoded message.
   *
   * @return completes when it was written, or never will be
   */
  public Future<Void> answer(byte[] message) {
    if (ended) {
      return Future.succeededFuture();
    }
    mirrorEncoding();
    close();
    return response.end(wrapped(message));
  }

  /**
   * Sends a message of several.
   *
   * @return as {@link #answer}
   */
  public Future<Void> write(byte[] message) {
    if (ended) {
      return Future.succeededFuture();
    }
    mirrorEncoding();
    return response.write(wrapped(message));
  }

  /** Not a copy. */
  private static Buffer wrapped(byte[] message) {
    return BufferInternal.buffer(Unpooled.wrappedBuffer(message));
  }

  /** Ends well. */
  public void end() {
    if (!ended) {
      close();
      response.end();
    }
  }

  /** Ends with a refusal. */
  public void refuse(ProtocolException refusal) {
    if (ended) {
      return;
    }
    close();
    GrpcStatus status = Statuses.of(refusal.status());
    if (refusal.retryAfterMillis() > 0) {
      // What clients with a retry policy wait for before they try again.
      response.trailers().set("grpc-retry-pushback-ms", Long.toString(refusal.retryAfterMillis()));
    }
    response.status(status).statusMessage(sentence(String.valueOf(refusal.getMessage()))).end();
  }

  private static String sentence(String text) {
    return text.length() <= LONGEST_SENTENCE ? text : text.substring(0, LONGEST_SENTENCE) + "…";
  }

  private void close() {
    ended = true;
    if (timer != NO_TIMER) {
      vertx.cancelTimer(timer);
      timer = NO_TIMER;
    }
    inbox.close();
  }

  // Who sends compressed wants it so; every client says that it could read it.
  private void mirrorEncoding() {
    if (!begun) {
      begun = true;
      if (inbox.zipped()) {
        response.encoding("gzip");
      }
    }
  }

  /** Does a step of the call; what it throws ends the call. */
  void guarded(Runnable step) {
    if (ended) {
      return;
    }
    try {
      step.run();
    } catch (RuntimeException e) {
      refuse(Answers.refusal(e));
    }
  }

  /** Reads no more until {@link #resume()}. */
  public void pause() {
    inbox.pause();
  }

  /** Reads on. */
  public void resume() {
    inbox.resume();
  }

  /** Whether the caller does not read what it is sent. */
  public boolean full() {
    return !ended && response.writeQueueFull();
  }

  /** Called when a {@link #full()} caller has read on. */
  public void whenDrained(Runnable told) {
    response.drainHandler(ignored -> told.run());
  }
}
