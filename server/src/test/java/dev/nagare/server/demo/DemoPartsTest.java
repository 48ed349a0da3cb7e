package dev.nagare.server.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.nagare.server.cli.CommandException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DemoPartsTest {

  @Test
  void theStartUpFileIsYamlWhateverTheFolderIsCalled() throws IOException {
    Path odd = Path.of("/tmp/a \"b\" \\ #c: {é}");
    String yaml =
        new ServeFile(8000, 8001, 8002, odd, "127.0.0.1:9092", List.of("cpu0", "load1"), odd)
            .yaml();
    JsonNode read = new YAMLMapper().readTree(yaml);
    assertThat(read.at("/data").asText()).isEqualTo(odd.toString());
    assertThat(read.at("/server/grpc-port").asInt()).isEqualTo(8001);
    assertThat(read.at("/server/metrics-port").asInt()).isEqualTo(8002);
    assertThat(read.at("/kafka/properties").get("bootstrap.servers").asText())
        .isEqualTo("127.0.0.1:9092");
    assertThat(read.at("/models/0/features/1").asText()).isEqualTo("load1");
    assertThat(read.at("/repository").asText()).isEqualTo(odd.toString());
  }

  @Test
  void theServersStateIsReadFromItsMetrics() throws IOException {
    String page =
        """
        # TYPE nagare_model_ready gauge
        nagare_degraded{model="pulse"} 1.0
        nagare_learned_examples_total{model="other"} 99.0
        nagare_learned_examples_total{model="pulse"} 12.0
        nagare_model_ready{model="pulse"} 1.0
        nagare_model_version{model="pulse"} 1.2345678E7
        """;
    var status = ServerStatus.parse(new BufferedReader(new StringReader(page)), "pulse");
    assertThat(status).isEqualTo(new ServerStatus(true, true, 12_345_678, 12));
  }

  @Test
  void aServerThatIsNotThereHasNoState() throws IOException {
    assertThat(ServerStatus.ask(DemoOptions.freePort(), "pulse")).isEmpty();
  }

  @Test
  void aTakenPortIsSaidWithTheRemedy() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.ofLiteral(DemoOptions.HOST))) {
      int port = taken.getLocalPort();
      var options = new DemoOptions(Path.of("."), port, 1, 2, null, false);
      assertThatThrownBy(options::requireFreePorts)
          .isInstanceOfSatisfying(
              CommandException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
          .hasMessageContaining("port " + port + " is taken")
          .hasMessageContaining("--port");
    }
  }
}
