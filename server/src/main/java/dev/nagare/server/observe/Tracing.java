package dev.nagare.server.observe;

import dev.nagare.streaming.Journey;
import dev.nagare.streaming.RecordFollower;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Begins the traces of requests, as the children of what their callers say (W3C Trace Context, in
 * headers of HTTP, gRPC and Kafka), named by the semantic conventions of OpenTelemetry. Switched
 * off it makes nothing; a request that is not sampled is not followed.
 *
 * <p>Safe for any thread.
 */
public final class Tracing implements RecordFollower {
  private static final Tracing OFF = new Tracing(null);

  private static final AttributeKey<String> MODEL = AttributeKey.stringKey("nagare.model.name");
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
  private static final AttributeKey<Long> HTTP_STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> SCHEME = AttributeKey.stringKey("url.scheme");
  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
  private static final AttributeKey<String> AGENT = AttributeKey.stringKey("user_agent.original");
  private static final AttributeKey<String> PROTOCOL =
      AttributeKey.stringKey("network.protocol.name");
  private static final AttributeKey<String> RPC_SYSTEM = AttributeKey.stringKey("rpc.system");
  private static final AttributeKey<String> RPC_SERVICE = AttributeKey.stringKey("rpc.service");
  private static final AttributeKey<String> RPC_METHOD = AttributeKey.stringKey("rpc.method");
  private static final AttributeKey<Long> RPC_STATUS = AttributeKey.longKey("rpc.grpc.status_code");
  private static final AttributeKey<String> MESSAGING = AttributeKey.stringKey("messaging.system");
  private static final AttributeKey<String> OPERATION =
      AttributeKey.stringKey("messaging.operation.name");
  private static final AttributeKey<String> OPERATION_TYPE =
      AttributeKey.stringKey("messaging.operation.type");
  private static final AttributeKey<String> TOPIC =
      AttributeKey.stringKey("messaging.destination.name");
  private static final AttributeKey<String> PARTITION =
      AttributeKey.stringKey("messaging.destination.partition.id");
  private static final AttributeKey<Long> OFFSET = AttributeKey.longKey("messaging.kafka.offset");

  private static final TextMapGetter<MultiMap> HEADERS =
      (headers, name) -> headers == null ? null : headers.get(name);
  private static final TextMapGetter<Function<String, @Nullable String>> RECORD_HEADERS =
      (headers, name) -> headers == null ? null : headers.apply(name);

  private final @Nullable Spans spans;

  /** What makes spans. */
  private record Spans(OpenTelemetry telemetry, Tracer tracer) {}

  private Tracing(@Nullable Spans spans) {
    this.spans = spans;
  }

  /** Follows nothing. */
  public static Tracing off() {
    return OFF;
  }

  /** Follows what the given telemetry samples; whoever made it closes it. */
  public static Tracing of(OpenTelemetry telemetry) {
    return new Tracing(new Spans(telemetry, telemetry.getTracer("dev.nagare")));
  }

  /**
   * A request over HTTP.
   *
   * @param route its path, with names in braces for what differs
   * @param model asked
   * @param beganNanos when its last byte was in, as {@link System#nanoTime()} read
   * @return null if it is not followed
   */
  public @Nullable Trace http(
      HttpServerRequest request, String route, String model, long beganNanos) {
    Spans on = spans;
    if (on == null) {
      return null;
    }
    String method = request.method().name();
    SpanBuilder span =
        server(on, method + " " + route, request.headers(), HEADERS)
            .setAttribute(METHOD, method)
            .setAttribute(ROUTE, route)
            .setAttribute(SCHEME, request.isSSL() ? "https" : "http")
            .setAttribute(PATH, request.path())
            .setAttribute(MODEL, model);
    String agent = request.getHeader("User-Agent");
    if (agent != null) {
      span.setAttribute(AGENT, agent);
    }
    return begun(on, span, beganNanos, HTTP_STATUS, status -> status);
  }

  /**
   * A request in a frame of a WebSocket; its caller is known by the headers of the handshake.
   *
   * @param type of the frame
   * @return null if it is not followed
   */
  public @Nullable Trace socket(
      MultiMap headers, String type, String path, String model, long beganNanos) {
    Spans on = spans;
    if (on == null) {
      return null;
    }
    SpanBuilder span =
        server(on, type + " " + path, headers, HEADERS)
            .setAttribute(PROTOCOL, "websocket")
            .setAttribute(PATH, path)
            .setAttribute(MODEL, model);
    return begun(on, span, beganNanos, null, status -> status);
  }

  /**
   * A request over gRPC.
   *
   * @param service of the protocol, with its package
   * @param codes the status of gRPC, by the one of HTTP
   * @return null if it is not followed
   */
  public @Nullable Trace grpc(
      MultiMap headers,
      String service,
      String method,
      String model,
      long beganNanos,
      IntToLongFunction codes) {
    Spans on = spans;
    if (on == null) {
      return null;
    }
    SpanBuilder span =
        server(on, service + "/" + method, headers, HEADERS)
            .setAttribute(RPC_SYSTEM, "grpc")
            .setAttribute(RPC_SERVICE, service)
            .setAttribute(RPC_METHOD, method)
            .setAttribute(MODEL, model);
    return begun(on, span, beganNanos, RPC_STATUS, codes);
  }

  @Override
  public boolean follows() {
    return spans != null;
  }

  @Override
  public @Nullable Journey follow(
      String model, String topic, long offset, Function<String, @Nullable String> headers) {
    Spans on = spans;
    if (on == null) {
      return null;
    }
    SpanBuilder span =
        builder(on, "process " + topic, SpanKind.CONSUMER, headers, RECORD_HEADERS)
            .setAttribute(MESSAGING, "kafka")
            .setAttribute(OPERATION, "process")
            .setAttribute(OPERATION_TYPE, "process")
            .setAttribute(TOPIC, topic)
            .setAttribute(PARTITION, "0") // a model's topic has one
            .setAttribute(OFFSET, offset)
            .setAttribute(MODEL, model);
    return begun(on, span, System.nanoTime(), null, status -> status);
  }

  private static <C> SpanBuilder server(Spans on, String name, C carrier, TextMapGetter<C> getter) {
    return builder(on, name, SpanKind.SERVER, carrier, getter);
  }

  private static <C> SpanBuilder builder(
      Spans on, String name, SpanKind kind, C carrier, TextMapGetter<C> getter) {
    Context caller =
        on.telemetry
            .getPropagators()
            .getTextMapPropagator()
            .extract(Context.root(), carrier, getter);
    return on.tracer.spanBuilder(name).setSpanKind(kind).setParent(caller);
  }

  private static @Nullable Trace begun(
      Spans on,
      SpanBuilder builder,
      long beganNanos,
      @Nullable AttributeKey<Long> code,
      IntToLongFunction codes) {
    Trace.Clock clock = Trace.Clock.now();
    Span span =
        builder.setStartTimestamp(clock.epochOf(beganNanos), TimeUnit.NANOSECONDS).startSpan();
    return span.isRecording() ? new Trace(on.tracer, span, clock, code, codes) : null;
  }
}
