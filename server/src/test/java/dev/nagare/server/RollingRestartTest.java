package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.config.NagareConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What callers notice when servers, or versions of a model, are replaced while they call. */
class RollingRestartTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CALLERS = 4;

  @TempDir private Path folder;

  @Test
  void noRequestFailsWhileEachServerIsReplaced() throws Exception {
    SmallModel.write(folder.resolve("models/small/1/model.onnx"));
    List<Integer> ports = List.of(freePort(), freePort());
    List<Server> servers = new ArrayList<>();
    List<URI> addresses = new ArrayList<>();
    for (int port : ports) {
      servers.add(Server.start(config(port)));
      addresses.add(URI.create("http://127.0.0.1:" + port));
    }
    int rounds = System.getProperty("nagare.checks", "verify").equals("verify") ? 2 : 6;
    try (var balancer = new Balancer(addresses, CALLERS)) {
      for (int i = 0; i < rounds * ports.size(); i++) {
        int at = i % ports.size();
        for (URI address : addresses) {
          await().atMost(PATIENCE).until(() -> balancer.ready(address));
        }
        int before = balancer.answered.get();
        await().atMost(PATIENCE).until(() -> balancer.answered.get() > before + 100);
        servers.get(at).close();
        assertThat(servers.get(at).unsaved()).isEmpty();
        servers.set(at, Server.start(config(ports.get(at))));
      }
      await().atMost(PATIENCE).until(() -> balancer.ready(addresses.getLast()));
      balancer.stop();
      assertThat(balancer.failed).isEmpty();
      assertThat(balancer.answered.get()).isGreaterThan(100 * rounds);
    } finally {
      servers.forEach(Server::close);
    }
  }

  @Test
  void noRequestFailsWhileVersionsOfAModelAreSwapped() throws Exception {
    SmallModel.write(folder.resolve("models/small/1/model.onnx"));
    int port = freePort();
    URI address = URI.create("http://127.0.0.1:" + port);
    int versions = System.getProperty("nagare.checks", "verify").equals("verify") ? 5 : 40;
    try (Server server = Server.start(config(port));
        HttpClient http = HttpClient.newHttpClient()) {
      assertThat(server.port()).isEqualTo(port);
      try (var balancer = new Balancer(List.of(address), CALLERS)) {
        for (int version = 2; version <= versions; version++) {
          int before = balancer.answered.get();
          await().atMost(PATIENCE).until(() -> balancer.answered.get() > before + 50);
          SmallModel.write(folder.resolve("models/small/" + version + "/model.onnx"));
          var load =
              HttpRequest.newBuilder(address.resolve("/v2/repository/models/small/load"))
                  .POST(BodyPublishers.ofString(""))
                  .build();
          assertThat(http.send(load, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
          assertThat(
                  http.send(
                          HttpRequest.newBuilder(address.resolve("/v2/models/small")).build(),
                          BodyHandlers.ofString())
                      .body())
              .contains("\"versions\":[\"" + version + "\"]");
        }
        balancer.stop();
        assertThat(balancer.failed).isEmpty();
        assertThat(balancer.elsewhere.get()).isZero();
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private NagareConfig config(int port) throws IOException {
    Path file = folder.resolve("nagare-" + port + ".yaml");
    Files.writeString(
        file,
        """
        server: {port: %d, grpc-port: 0, metrics-port: 0}
        drain: {delay-seconds: 1}
        data: "%s"
        repository: "%s"
        """
            .formatted(port, folder.resolve("data-" + port), folder.resolve("models")));
    return NagareConfig.read(file, Map.of());
  }
}
