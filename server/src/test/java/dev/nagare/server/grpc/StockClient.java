package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Message;
import dev.nagare.server.grpc.call.ServiceNames;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** gRPC's own client, which shares no code with the door but the messages. */
final class StockClient implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 20;

  final ManagedChannel channel;

  StockClient(int port) {
    this(port, null);
  }

  /** A client that calls the server by another name. */
  StockClient(int port, @Nullable String authority) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .usePlaintext()
            .maxInboundMessageSize(Integer.MAX_VALUE);
    if (authority != null) {
      builder = builder.overrideAuthority(authority);
    }
    channel = builder.build();
  }

  /** A call of one message each way. */
  <A extends Message> A call(String path, Message request, A prototype, CallOptions options) {
    return call(channel, path, request, prototype, options);
  }

  /** A call over a channel that adds something to it. */
  static <A extends Message> A call(Channel channel, String path, Message request, A prototype) {
    return call(channel, path, request, prototype, CallOptions.DEFAULT);
  }

  @SuppressWarnings("unchecked") // the prototype says what comes
  private static <A extends Message> A call(
      Channel channel, String path, Message request, A prototype, CallOptions options) {
    CallOptions limited =
        options.getDeadline() == null
            ? options.withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
            : options;
    return (A)
        ClientCalls.blockingUnaryCall(
            channel, method(path, MethodType.UNARY, request, prototype), limited, request);
  }

  <A extends Message> A call(String path, Message request, A prototype) {
    return call(path, request, prototype, CallOptions.DEFAULT);
  }

  /** A call of the protocol's service. */
  <A extends Message> A infer(String method, Message request, A prototype) {
    return call(ServiceNames.INFERENCE + "/" + method, request, prototype);
  }

  /** Begins a call of many messages each way. */
  <A extends Message> Conversation<A> converse(
      String path, Message request, A prototype, CallOptions options) {
    return converse(channel, path, request, prototype, options);
  }

  static <A extends Message> Conversation<A> converse(
      Channel channel, String path, Message request, A prototype, CallOptions options) {
    var conversation = new Conversation<A>();
    conversation.out =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(method(path, MethodType.BIDI_STREAMING, request, prototype), options),
            conversation);
    return conversation;
  }

  private static <A extends Message> MethodDescriptor<Message, Message> method(
      String path, MethodType type, Message request, A prototype) {
    return MethodDescriptor.<Message, Message>newBuilder()
        .setType(type)
        .setFullMethodName(path)
        .setRequestMarshaller(ProtoUtils.marshaller(request.getDefaultInstanceForType()))
        .setResponseMarshaller(ProtoUtils.marshaller(prototype.getDefaultInstanceForType()))
        .build();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /**
   * A call is refused like that, and with nothing that only a caller of HTTP could do.
   *
   * @param sentence a part of what is said
   */
  static void assertRefused(Runnable call, Status.Code code, String sentence) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(code);
              assertThat(e.getStatus().getDescription()).contains(sentence).doesNotContain("/v2");
            });
  }

  /** Both ends of a stream. What came: messages, then a Throwable or {@link #END}. */
  static final class Conversation<A extends Message> implements StreamObserver<Message> {
    static final Object END = "end";

    private final BlockingQueue<Object> came = new LinkedBlockingQueue<>();
    private @Nullable StreamObserver<Message> out;

    void send(Message message) {
      out().onNext(message);
    }

    void allSent() {
      out().onCompleted();
    }

    void cancel() {
      out().onError(new IllegalStateException("enough"));
    }

    private StreamObserver<Message> out() {
      StreamObserver<Message> to = out;
      if (to == null) {
        throw new IllegalStateException("not begun");
      }
      return to;
    }

    /** The next that comes. */
    Object next() throws InterruptedException {
      Object next = came.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing came within " + PATIENCE_SECONDS + " s");
      }
      return next;
    }

    /** The next message. */
    @SuppressWarnings("unchecked") // the method's marshaller made it
    A message() throws InterruptedException {
      Object next = next();
      if (next instanceof Throwable thrown) {
        throw new AssertionError("expected a message", thrown);
      }
      return (A) next;
    }

    boolean isQuiet() {
      return came.isEmpty();
    }

    @Override
    public void onNext(Message message) {
      came.add(message);
    }

    @Override
    public void onError(Throwable thrown) {
      came.add(thrown);
    }

    @Override
    public void onCompleted() {
      came.add(END);
    }
  }
}
