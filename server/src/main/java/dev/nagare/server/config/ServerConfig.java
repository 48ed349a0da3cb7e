package dev.nagare.server.config;

import java.util.Locale;
import java.util.Set;

/**
 * The listeners.
 *
 * @param host address to bind
 * @param port of HTTP and WebSocket; 0 for any free port
 * @param grpcPort of gRPC; 0 for any free port
 * @param metricsPort of {@code /metrics}; 0 for any free port
 * @param maxBodyBytes largest request body, largest WebSocket message, largest gRPC message
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
    int maxBodyBytes,
    Set<String> allowedHosts,
    Set<String> allowedOrigins) {

  /** Whether only this machine can reach the listeners. */
  public boolean loopback() {
    return isLoopback(host);
  }

  /** Whether a bind address or host name means this machine; never asks a name server. */
  public static boolean isLoopback(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost") || name.equals("::1") || name.matches("127(\\.\\d{1,3}){3}");
  }

  static ServerConfig read(Section in) {
    var config =
        new ServerConfig(
            in.text("host", "127.0.0.1"),
            in.integer("port", 8000, 0, 65_535),
            in.integer("grpc-port", 8001, 0, 65_535),
            in.integer("metrics-port", 8002, 0, 65_535),
            in.integer("max-body-bytes", 8 << 20, 1024, 1 << 30),
            Set.copyOf(in.texts("allowed-hosts").stream().map(ServerConfig::lower).toList()),
            Set.copyOf(in.texts("allowed-origins").stream().map(ServerConfig::lower).toList()));
    if (!config.loopback() && config.allowedHosts.isEmpty()) {
      in.fault(
          "allowed-hosts",
          "expected the names that callers use for this server, such as [nagare.example.org], because"
              + " server.host "
              + config.host
              + " can be reached from other machines and a foreign web page could pose as one of"
              + " them; got none. [\"*\"] allows any name");
    }
    if (config.port != 0 && config.port == config.grpcPort) {
      in.fault("grpc-port", "expected another port than server.port, got " + config.port);
    }
    if (config.metricsPort != 0
        && (config.metricsPort == config.port || config.metricsPort == config.grpcPort)) {
      in.fault(
          "metrics-port",
          "expected another port than server.port and server.grpc-port, got " + config.metricsPort);
    }
    for (String origin : config.allowedOrigins) {
      if (!origin.matches("https?://[^/\\s]+")) {
        in.fault(
            "allowed-origins",
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
