package dev.nagare.server.config;

import dev.nagare.streaming.ByteBudget;
import java.util.Locale;
import java.util.Set;

/**
 * The listeners.
 *
 * @param host address to bind
 * @param port of HTTP and WebSocket; 0 for any free port
 * @param grpcPort of gRPC; 0 for any free port
 * @param metricsPort of {@code /metrics}; 0 for any free port
 * @param tritonMetrics whether {@code /metrics} has what models did by Triton's names, too
 * @param maxBodyBytes largest request body, largest WebSocket message, largest gRPC message
 * @param memoryBytes most bytes of bodies, messages, records that wait for Kafka and answers at
 *     once
 * @param connectionAnswerBytes most bytes of it that the answers of one connection may take
 * @param maxConnections most connections of each listener at once
 * @param maxWebSockets most WebSockets at once
 * @param allowedHosts names that a {@code Host} header may hold besides the bind address and, on a
 *     loopback bind, the loopback names; {@code *} for any
 * @param allowedOrigins web origins, such as {@code https://app.example.org}, whose pages may call
 *     this server besides its own page
 */
public record ServerConfig(
    String host,
    int port,
    int grpcPort,
    int metricsPort,
    boolean tritonMetrics,
    int maxBodyBytes,
    long memoryBytes,
    long connectionAnswerBytes,
    int maxConnections,
    int maxWebSockets,
    Set<String> allowedHosts,
    Set<String> allowedOrigins) {

  /**
   * A connection may have the budget over this, or as much as a body if that is more: then fewer
   * who read nothing fill it, two at the least, since it holds two bodies.
   */
  private static final int PART = 4;

  private static final int MOST_CONNECTIONS = 1000;
  private static final int BYTES_OF_CONNECTION = 256 << 10;

  private static final Key HOST =
      Key.of("host", "address to bind; any other than loopback needs `allowed-hosts`, and `auth`");
  private static final Key PORT = Key.of("port", "HTTP and WebSocket; 0: any free port");
  private static final Key GRPC_PORT = Key.of("grpc-port", "[gRPC](api-grpc.md); 0: any free port");
  private static final Key METRICS_PORT = Key.of("metrics-port", "`/metrics`; 0: any free port");
  private static final Key TRITON_METRICS =
      Key.of(
          "triton-metrics",
          "whether `/metrics` has what models did by Triton's names, `nv_inference_*`, too:"
              + " [what they hold](operations.md#tritons-names)");
  private static final Key MAX_BODY_BYTES =
      Key.of(
              "max-body-bytes",
              "largest body and gRPC message, before and after decompression, and WebSocket"
                  + " message; more is 413, in gRPC `RESOURCE_EXHAUSTED`")
          .in("bytes");
  private static final Key MEMORY_BYTES =
      Key.of(
              "memory-bytes",
              "most bytes of bodies, gRPC and WebSocket messages (before and after decompression)"
                  + ", of records that wait for Kafka, and of answers from before they are computed"
                  + " until their callers have taken them, all doors together; beyond it 429, in"
                  + " gRPC `RESOURCE_EXHAUSTED`, with `Retry-After`; an answer that could never"
                  + " fit: 413")
          .in("bytes")
          .usually("a quarter of the heap, at least twice `max-body-bytes`")
          .within("at least twice `max-body-bytes`");
  private static final Key CONNECTION_ANSWER_BYTES =
      Key.of(
              "connection-answer-bytes",
              "most bytes of `memory-bytes` that the answers of one connection may take, from before"
                  + " they are computed until it has read them; beyond it that connection gets 429,"
                  + " in gRPC `RESOURCE_EXHAUSTED`, and nobody else; an answer that could never fit:"
                  + " 413. Raise it for few callers with very large answers")
          .in("bytes")
          .usually("a quarter of `memory-bytes`, at least `max-body-bytes`")
          .within("a whole number from 1024 to `memory-bytes`");
  private static final Key MAX_CONNECTIONS =
      Key.of(
              "max-connections",
              "most connections of each of the three listeners at once; one more is closed as it"
                  + " comes and counted in `nagare_refused_connections_total`. Many cost memory:"
                  + " [threat model](threat-model.md#limits)")
          .usually("1000; one for each 256 KiB of a heap below 250 MiB");
  private static final Key MAX_WEBSOCKETS =
      Key.of(
              "max-websockets",
              "most connections to [`/v2/stream`](websocket.md) at once; one more is closed with"
                  + " 1013")
          .usually("half of `max-connections`")
          .within("a whole number from 1 to `max-connections`");
  private static final Key ALLOWED_HOSTS =
      Key.of(
          "allowed-hosts",
          "names in the `Host` header, in gRPC `:authority`, that are answered, beside"
              + " the bind address, the address a connection came in on and, on a loopback"
              + " bind, the loopback names; `*` for any");
  private static final Key ALLOWED_ORIGINS =
      Key.of(
          "allowed-origins",
          "web origins, such as `https://app.example.org`, whose pages may send"
              + " state-changing calls and open WebSockets, beside the server's own page");

  /** Whether only this machine can reach the listeners. */
  public boolean loopback() {
    return isLoopback(host);
  }

  /** Whether a bind address or host name means this machine; never asks a name server. */
  public static boolean isLoopback(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost") || name.equals("::1") || name.matches("127(\\.\\d{1,3}){3}");
  }

  /** So many that what HTTP/2 gives each, 64 KiB, is a quarter of the heap. */
  private static int usualConnections() {
    return Math.clamp(Runtime.getRuntime().maxMemory() / BYTES_OF_CONNECTION, 16, MOST_CONNECTIONS);
  }

  static ServerConfig read(Section in) {
    String host = in.text(HOST, "127.0.0.1");
    int port = in.integer(PORT, 8000, 0, 65_535);
    int grpcPort = in.integer(GRPC_PORT, 8001, 0, 65_535);
    int metricsPort = in.integer(METRICS_PORT, 8002, 0, 65_535);
    boolean triton = in.flag(TRITON_METRICS, false);
    int bodyBytes = in.integer(MAX_BODY_BYTES, 8 << 20, 1024, 1 << 30);
    // A compressed body is there twice for a while.
    long least = 2L * bodyBytes;
    long memory =
        in.integer(MEMORY_BYTES, Math.max(least, ByteBudget.usualBytes()), least, Long.MAX_VALUE);
    long connectionAnswers =
        in.integer(CONNECTION_ANSWER_BYTES, Math.max(memory / PART, bodyBytes), 1024, memory);
    int connections = in.integer(MAX_CONNECTIONS, usualConnections(), 1, 1_000_000);
    var config =
        new ServerConfig(
            host,
            port,
            grpcPort,
            metricsPort,
            triton,
            bodyBytes,
            memory,
            connectionAnswers,
            connections,
            in.integer(MAX_WEBSOCKETS, Math.max(1, connections / 2), 1, connections),
            Set.copyOf(in.texts(ALLOWED_HOSTS).stream().map(ServerConfig::lower).toList()),
            Set.copyOf(in.texts(ALLOWED_ORIGINS).stream().map(ServerConfig::lower).toList()));
    if (!config.loopback() && config.allowedHosts.isEmpty()) {
      in.fault(
          ALLOWED_HOSTS,
          "expected the names that callers use for this server, such as [nagare.example.org], because"
              + " server.host "
              + config.host
              + " can be reached from other machines and a foreign web page could pose as one of"
              + " them; got none. [\"*\"] allows any name");
    }
    if (config.port != 0 && config.port == config.grpcPort) {
      in.fault(GRPC_PORT, "expected another port than server.port, got " + config.port);
    }
    if (config.metricsPort != 0
        && (config.metricsPort == config.port || config.metricsPort == config.grpcPort)) {
      in.fault(
          METRICS_PORT,
          "expected another port than server.port and server.grpc-port, got " + config.metricsPort);
    }
    for (String origin : config.allowedOrigins) {
      if (!origin.matches("https?://[^/\\s]+")) {
        in.fault(
            ALLOWED_ORIGINS,
            "expected origins such as https://app.example.org, got '" + origin + "'");
      }
    }
    in.end();
    return config;
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
