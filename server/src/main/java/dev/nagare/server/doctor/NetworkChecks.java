package dev.nagare.server.doctor;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.kafka.ClusterProbe;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

/** Ports and Kafka. */
final class NetworkChecks {
  private static final String HOST = "127.0.0.1";
  private static final int TIMEOUT_MILLIS = 1000;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private NetworkChecks() {}

  /**
   * Whether a server could listen on the port.
   *
   * @param use of the port, for a person
   * @param remedy if something else listens there
   */
  static Finding port(int port, String use, String remedy) {
    String check = "port " + port;
    try (var socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral(HOST), port));
      return Finding.ok(check, "free for " + use);
    } catch (IOException e) {
      return isNagare(port)
          ? Finding.warn(check, "a Nagare server answers here", "stop it before another is started")
          : Finding.fail(check, "taken, wanted for " + use + ": " + e.getMessage(), remedy);
    }
  }

  private static boolean isNagare(int port) {
    for (String path : new String[] {"/v2/health/live", "/metrics"}) {
      try {
        URI page = URI.create("http://" + HOST + ":" + port + path);
        var connection = (HttpURLConnection) page.toURL().openConnection(Proxy.NO_PROXY);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        if (connection.getResponseCode() == 200) {
          String body = new String(connection.getInputStream().readAllBytes(), UTF_8);
          if (body.contains("\"live\"") || body.contains("nagare_")) {
            return true;
          }
        }
      } catch (IOException e) {
        // No HTTP here: not ours.
      }
    }
    return false;
  }

  static Finding kafka(Map<String, String> properties) throws InterruptedException {
    String servers = properties.getOrDefault("bootstrap.servers", "(no bootstrap.servers)");
    ClusterProbe probe = ClusterProbe.ask(properties, PATIENCE);
    if (probe.problem().isPresent()) {
      return Finding.fail(
          "kafka",
          servers + ": " + probe.problem().get(),
          "start the cluster, or correct kafka.properties.bootstrap.servers; a server without it"
              + " answers but does not learn");
    }
    return Finding.ok(
        "kafka",
        "%s: %d broker%s, topics %s"
            .formatted(servers, probe.brokers(), probe.brokers() == 1 ? "" : "s", probe.topics()));
  }
}
