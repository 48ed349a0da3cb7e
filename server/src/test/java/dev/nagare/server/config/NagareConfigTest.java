package dev.nagare.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.models.online.ForecasterConfig;
import dev.nagare.streaming.StreamingConfig.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NagareConfigTest {
  private static final String SMALL = "models:\n  - name: pulse\n    features: [cpu0, load1]\n";

  @TempDir Path folder;

  @Test
  void readsEverySetting() throws IOException {
    NagareConfig config =
        read(
            """
            server: {host: 127.0.0.1, port: 8100, metrics-port: 8102, max-body-bytes: 4096, allowed-hosts: [Box.local], allowed-origins: ["https://a.example"]}
            compute: {lanes: 3, max-batch-rows: 16, queue-rows: 99, request-memory-bytes: 2097152}
            data: /tmp/somewhere
            kafka: {topics: create, properties: {bootstrap.servers: "127.0.0.1:9092", linger.ms: 5}}
            models:
              - name: pulse
                features: [cpu0, load1]
                publish-every-steps: 2
                checkpoint-interval-seconds: 30
                learner: {window: 8, hidden: 4, learning-rate: 1e-2, warm-up-steps: 1, decay-steps: 2, final-learning-rate: 0, clip-norm: 0.5, huber-delta: 2, score-window: 7, seed: -3}
            """,
            Map.of("PATH", "/bin"));

    assertThat(config.server().port()).isEqualTo(8100);
    assertThat(config.server().metricsPort()).isEqualTo(8102);
    assertThat(config.server().maxBodyBytes()).isEqualTo(4096);
    assertThat(config.server().allowedHosts()).containsExactly("box.local");
    assertThat(config.server().allowedOrigins()).containsExactly("https://a.example");
    var streaming = config.streaming();
    assertThat(streaming.lanes()).isEqualTo(3);
    assertThat(streaming.maxBatchRows()).isEqualTo(16);
    assertThat(streaming.queueRows()).isEqualTo(99);
    assertThat(streaming.requestBytes()).isEqualTo(2 << 20);
    assertThat(streaming.dataFolder()).isEqualTo(Path.of("/tmp/somewhere"));
    var kafka = Objects.requireNonNull(streaming.kafka());
    assertThat(kafka.topics()).isEqualTo(Topics.CREATE);
    assertThat(kafka.properties())
        .isEqualTo(Map.of("bootstrap.servers", "127.0.0.1:9092", "linger.ms", "5"));
    var model = streaming.models().getFirst();
    assertThat(model.features()).containsExactly("cpu0", "load1");
    assertThat(model.publishEvery()).isEqualTo(2);
    assertThat(model.checkpointInterval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(model.forecaster())
        .isEqualTo(new ForecasterConfig(2, 8, 4, 1e-2, 1, 2, 0, 0.5, 2, 7, -3));
  }

  @Test
  void usesDefaultsForWhatIsNotSaid() throws IOException {
    NagareConfig config = read(SMALL, Map.of());

    assertThat(config.server().host()).isEqualTo("127.0.0.1");
    assertThat(config.server().port()).isEqualTo(8000);
    assertThat(config.streaming().kafka()).isNull();
    assertThat(config.streaming().models().getFirst().forecaster())
        .isEqualTo(ForecasterConfig.of(2));
  }

  @Test
  void letsVariablesWinOverTheFile() throws IOException {
    NagareConfig config =
        read(
            "server: {port: 1}\n" + SMALL,
            Map.of(
                "NAGARE_SERVER_PORT", "2",
                "NAGARE_SERVER_ALLOWED_HOSTS", "a.example, b.example",
                "NAGARE_KAFKA_PROPERTIES_BOOTSTRAP_SERVERS", "kafka:9092",
                "NAGARE_MODELS_0_LEARNER_HIDDEN", "5"));

    assertThat(config.server().port()).isEqualTo(2);
    assertThat(config.server().allowedHosts()).containsExactlyInAnyOrder("a.example", "b.example");
    assertThat(config.streaming().kafka()).isNotNull();
    assertThat(config.streaming().models().getFirst().forecaster().hidden()).isEqualTo(5);
  }

  @Test
  void namesEveryFaultAtOnceWithPathAndLine() {
    String yaml =
        """
        server:
          port: many
          prot: 8000
        compute: {lanes: 0}
        kafka:
          topics: maybe
        models:
          - name: pulse!
            features: [a, a]
            learner:
              clip-norm: 0
          - features: [b]
        modles: []
        """;

    assertThatThrownBy(
            () -> read(yaml, Map.of("NAGARE_SERVER_HSOT", "x", "NAGARE_COMPUTE_QUEUE_ROWS", "-1")))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e ->
                assertThat(e.faults().stream().map(f -> f.replace(folder + "/", "")))
                    .containsExactly(
                        "nagare.yaml:2: server.port: expected a whole number from 0 to 65535, got 'many'",
                        "nagare.yaml:3: server.prot: unknown; known here: host, port, metrics-port, max-body-bytes, allowed-hosts, allowed-origins",
                        "nagare.yaml:4: compute.lanes: expected a whole number from 1 to 1024, got '0'",
                        "NAGARE_COMPUTE_QUEUE_ROWS: expected a whole number from 1 to 16777216, got '-1'",
                        "nagare.yaml:6: kafka.topics: expected verify or create, got 'maybe'",
                        "nagare.yaml:6: kafka.properties: expected bootstrap.servers, such as \"127.0.0.1:9092\", got none; leave the section kafka out for a server without Kafka",
                        "nagare.yaml:8: models[0].name: expected a name of letters, digits, '.', '_' and '-', got 'pulse!'",
                        "nagare.yaml:9: models[0].features: expected each name once, got [a, a]",
                        "nagare.yaml:11: models[0].learner.clip-norm: expected a number above 0.0, got '0'",
                        "nagare.yaml:12: models[1].name: expected a name of letters, digits, '.', '_' and '-', got none",
                        "nagare.yaml:13: modles: unknown; known here: server, compute, data, kafka, models",
                        "NAGARE_SERVER_HSOT: unknown variable; --print-config lists the settings, NAGARE_SERVER_PORT sets server.port"));
  }

  @Test
  void asksForAllowedHostsWhenOthersCanReachIt() {
    assertThatThrownBy(() -> read("server: {host: 0.0.0.0}\n" + SMALL, Map.of()))
        .hasMessageContaining("server.allowed-hosts: expected the names that callers use");
  }

  @Test
  void saysWhereAFileIsNotYaml() {
    assertThatThrownBy(() -> read("server: {port: 1\nmodels: [", Map.of()))
        .hasMessageContaining("nagare.yaml:2: not YAML");
    assertThatThrownBy(() -> read("a: 1\na: 2\n", Map.of())).hasMessageContaining("nagare.yaml:2");
    assertThatThrownBy(() -> read("- 1\n", Map.of())).hasMessageContaining("got a list");
    assertThatThrownBy(() -> NagareConfig.read(folder.resolve("none.yaml"), Map.of()))
        .hasMessageContaining("there is no such file");
  }

  @Test
  void passesOverTheServiceVariablesOfKubernetes() throws IOException {
    NagareConfig config =
        read(
            SMALL,
            Map.of(
                "NAGARE_PORT", "tcp://10.0.0.1:8000",
                "NAGARE_SERVICE_HOST", "10.0.0.1",
                "NAGARE_DEMO_SERVICE_PORT_HTTP", "8000",
                "NAGARE_PORT_8000_TCP_ADDR", "10.0.0.1",
                "NAGARE_NATIVE_DIR", "/tmp"));

    assertThat(config.server().port()).isEqualTo(8000);
  }

  @Test
  void printsEachValueWithItsOriginAndHidesSecrets() throws IOException {
    NagareConfig config =
        read(
            "server:\n  port: 9\nkafka: {properties: {bootstrap.servers: b, sasl.jaas.config: hush}}\n"
                + SMALL,
            Map.of("NAGARE_SERVER_METRICS_PORT", "10"));

    List<String> lines =
        config.printed().replace(folder + "/", "").replaceAll(" {2,}", " ").lines().toList();
    assertThat(lines)
        .contains(
            "server.host 127.0.0.1 default",
            "server.port 9 nagare.yaml:2",
            "server.metrics-port 10 NAGARE_SERVER_METRICS_PORT",
            "kafka.properties.sasl.jaas.config (hidden) nagare.yaml:3",
            "models[0].features [cpu0, load1] nagare.yaml:6");
    assertThat(config.printed()).doesNotContain("hush");
  }

  private NagareConfig read(String yaml, Map<String, String> environment) throws IOException {
    Path file = folder.resolve("nagare.yaml");
    Files.writeString(file, yaml);
    return NagareConfig.read(file, environment);
  }
}
