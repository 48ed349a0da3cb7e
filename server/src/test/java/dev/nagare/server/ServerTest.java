package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.config.NagareConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ServerTest {
  @TempDir Path folder;

  @Test
  void opensBothDoorsAndClosesThem() throws Exception {
    int port;
    try (Server server = Server.start(NagareConfig.read(file(0), Map.of()));
        HttpClient client = HttpClient.newHttpClient()) {
      port = server.port();
      assertThat(status(client, port, "/v2/health/ready")).isEqualTo(200);
      assertThat(status(client, server.metricsPort(), "/metrics")).isEqualTo(200);
      assertThat(status(client, server.metricsPort(), "/v2")).isEqualTo(404);
    }
    try (var again = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      assertThat(again.getLocalPort()).isEqualTo(port);
    }
  }

  @Test
  void namesTheRemedyWhenThePortIsTaken() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();

      var result = serve("--config", file(port).toString());

      assertThat(result.exitCode).isEqualTo(2);
      assertThat(result.err.lines()).hasSize(1);
      assertThat(result.err)
          .startsWith("nagare serve: port " + port + " on 127.0.0.1 is taken by another program")
          .contains("NAGARE_SERVER_PORT=");
    }
  }

  @Test
  void printsTheConfiguration() throws Exception {
    var result = serve("--config", file(0).toString(), "--print-config");

    assertThat(result.exitCode).isZero();
    assertThat(result.out).contains("models[0].name").contains("serve.yaml:2");
  }

  @Test
  void listsFaultsAndExitsWithTwo() throws Exception {
    Path file = folder.resolve("bad.yaml");
    Files.writeString(file, "server: {port: x, host: ''}\nmodels: []\n");

    var result = serve("--config", file.toString());

    assertThat(result.exitCode).isEqualTo(2);
    assertThat(result.err)
        .startsWith("nagare serve: 3 faults in the configuration:")
        .contains("bad.yaml:1: server.port", "bad.yaml:1: server.host", "bad.yaml:2: models")
        .doesNotContain("\tat ");
  }

  private record Result(int exitCode, String out, String err) {}

  private static Result serve(String... arguments) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code =
        new CommandLine(new ServeCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(arguments);
    return new Result(code, out.toString(), err.toString());
  }

  private Path file(int port) throws IOException {
    Path file = folder.resolve("serve.yaml");
    Files.writeString(
        file,
        """
        server: {port: %d, grpc-port: 0, metrics-port: 0}
        models: [{name: pulse, features: [cpu0]}]
        data: %s
        """
            .formatted(port, folder.resolve("data")));
    return file;
  }

  private static int status(HttpClient client, int port, String path)
      throws IOException, InterruptedException {
    var uri = URI.create("http://127.0.0.1:" + port + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).statusCode();
  }
}
