package dev.nagare.loadtest.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart as the real Helm engine lints and renders it. */
class ChartTest {
  private static final Path CHART = Path.of("..", "helm", "nagare");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  @Test
  void lintsWithoutAWarning() {
    var result = new Helm(CHART).lint().strict().call();
    assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
  }

  @Test
  void rendersWhatIsNeededAndNothingMore() throws IOException {
    assertThat(kinds(render(Map.of())))
        .containsExactlyInAnyOrder("ServiceAccount", "ConfigMap", "Service", "Deployment");
    assertThat(
            kinds(render(Map.of("persistence.enabled", "true", "serviceMonitor.enabled", "true"))))
        .contains("PersistentVolumeClaim", "ServiceMonitor");
  }

  /** The server refuses a Host that it does not know. */
  @ParameterizedTest
  @CsvSource({
    "startupProbe, /v2/health/ready",
    "livenessProbe, /v2/health/live",
    "readinessProbe, /v2/health/ready"
  })
  void probesAskTheRightPathUnderAnAllowedHost(String probe, String path) throws IOException {
    JsonNode http = container(render(Map.of())).path(probe).path("httpGet");
    assertThat(http.path("path").asText()).isEqualTo(path);
    assertThat(http.path("port").asText()).isEqualTo("http");
    assertThat(http.path("httpHeaders").path(0).path("name").asText()).isEqualTo("Host");
    assertThat(http.path("httpHeaders").path(0).path("value").asText()).isEqualTo("localhost");
  }

  @Test
  void runsWithoutRights() throws IOException {
    JsonNode pod = deployment(render(Map.of())).at("/spec/template/spec");
    assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
    assertThat(pod.at("/securityContext/runAsUser").asInt()).isEqualTo(1000);
    assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
    assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
    assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
    JsonNode security = pod.at("/containers/0/securityContext");
    assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
    assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
    assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
  }

  @Test
  void portsMeetEachOther() throws IOException {
    List<JsonNode> objects = render(Map.of());
    JsonNode ports = container(objects).path("ports");
    assertThat(ports.findValuesAsText("name")).containsExactly("http", "grpc", "metrics");
    assertThat(ports.findValuesAsText("containerPort")).containsExactly("8000", "8001", "8002");
    JsonNode service = kind(objects, "Service").at("/spec/ports");
    assertThat(service.findValuesAsText("targetPort")).containsExactly("http", "grpc", "metrics");
    assertThat(service.findValuesAsText("port")).containsExactly("8000", "8001", "8002");
  }

  @Test
  void startUpFileHoldsTheUsersKeysAndTheCharts() throws IOException {
    JsonNode config =
        YAML.readTree(
            kind(render(Map.of("allowedHosts[0]", "forecast.example")), "ConfigMap")
                .at("/data/nagare.yaml")
                .asText());
    JsonNode server = config.path("server");
    assertThat(server.path("host").asText()).isEqualTo("0.0.0.0");
    assertThat(server.path("port").asInt()).isEqualTo(8000);
    assertThat(server.path("max-body-bytes").asInt()).isEqualTo(8 << 20);
    assertThat(
            YAML.convertValue(server.path("allowed-hosts"), new TypeReference<List<String>>() {}))
        .contains(
            "localhost", "live-nagare", "live-nagare.test.svc.cluster.local", "forecast.example");
    assertThat(config.path("data").asText()).isEqualTo("/data");
    assertThat(config.at("/models/0/name").asText()).isEqualTo("pulse");
    assertThat(config.has("kafka")).isFalse();
    assertThat(config.at("/auth/anonymous").toString()).isEqualTo("[\"infer\"]");
    assertThat(config.has("tls")).isFalse();
  }

  @Test
  void secretsBecomeTokensAndCertificates() throws IOException {
    List<JsonNode> objects = render(Map.of("auth.secret", "callers", "tls.secret", "listener"));
    JsonNode config = YAML.readTree(kind(objects, "ConfigMap").at("/data/nagare.yaml").asText());
    assertThat(config.at("/auth/tokens").asText()).isEqualTo("/etc/nagare-auth/tokens");
    assertThat(config.at("/auth").has("anonymous")).isFalse();
    assertThat(config.at("/tls/certificate").asText()).isEqualTo("/etc/nagare-tls/tls.crt");
    JsonNode container = container(objects);
    assertThat(container.at("/readinessProbe/httpGet/scheme").asText()).isEqualTo("HTTPS");
    assertThat(container.path("volumeMounts").findValuesAsText("mountPath"))
        .contains("/etc/nagare-auth", "/etc/nagare-tls");
    assertThat(deployment(objects).at("/spec/template/spec/volumes").findValuesAsText("secretName"))
        .containsExactly("callers", "listener");
  }

  @Test
  void anotherStartUpFileIsAnotherPod() throws IOException {
    String checksum = "/spec/template/metadata/annotations/checksum~1config";
    JsonNode before = deployment(render(Map.of())).at(checksum);
    JsonNode after = deployment(render(Map.of("config.compute.lanes", "1"))).at(checksum);
    assertThat(before.asText()).hasSize(64).isNotEqualTo(after.asText());
  }

  @Test
  void aPodIsNotKilledBeforeItHasDrained() throws IOException {
    assertThat(
            deployment(render(Map.of("config.drain.timeout-seconds", "45")))
                .at("/spec/template/spec/terminationGracePeriodSeconds")
                .asInt())
        .isEqualTo(60);
    assertThatThrownBy(() -> render(Map.of("config.drain.timeout-seconds", "46")))
        .hasMessageContaining("terminationGracePeriodSeconds: expected at least 61")
        .hasMessageContaining("got 60");
  }

  @Test
  void aLearnerIsOneAndKeepsItsVolume() throws IOException {
    Map<String, String> learner =
        Map.of(
            "config.kafka.properties.bootstrap\\.servers", "kafka.example:9092",
            "persistence.enabled", "true");
    JsonNode deployment = deployment(render(learner));
    assertThat(deployment.at("/spec/strategy/type").asText()).isEqualTo("Recreate");
    assertThat(deployment.at("/spec/template/spec/volumes").toString())
        .contains("{\"claimName\":\"live-nagare\"}");
    var two = new java.util.HashMap<>(learner);
    two.put("replicaCount", "2");
    assertThatThrownBy(() -> render(two)).hasMessageContaining("replicaCount");
  }

  @Test
  void aLearnerHasANameInKafkasGroupsThatIsItsOwn() throws IOException {
    String servers = "config.kafka.properties.bootstrap\\.servers";
    JsonNode alone = container(render(Map.of(servers, "kafka.example:9092"))).path("env").path(0);
    JsonNode among =
        container(render(Map.of(servers, "kafka.example:9092", "replicaCount", "2")))
            .path("env")
            .path(0);
    assertThat(alone.path("name").asText()).isEqualTo("NAGARE_KAFKA_INSTANCE");
    assertThat(alone.path("value").asText()).isEqualTo("live-nagare");
    assertThat(among.at("/valueFrom/fieldRef/fieldPath").asText()).isEqualTo("metadata.name");
    assertThat(container(render(Map.of())).has("env")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "replicaCount=many",
        "replicas=2",
        "service.port=70000",
        "config.compute.lanes=0",
        "config.server.port=9000",
        "config.drain.delay-seconds=-1",
        "config.logging.format=xml",
        "config.tracing.exporter=zipkin",
        "config.kafka.topics=guess",
        "config.kafka.role=boss",
        "config.kafka.instance=mine",
        "image.pullPolicy=Sometimes",
        "persistence.size=large"
      })
  void schemaRefusesWhatCannotWork(String setting) {
    int equals = setting.indexOf('=');
    assertThatThrownBy(
            () -> render(Map.of(setting.substring(0, equals), setting.substring(equals + 1))))
        .hasMessageContaining("schema");
  }

  private static List<JsonNode> render(Map<String, String> values) throws IOException {
    TemplateCommand template = new Helm(CHART).template().withName("live").withNamespace("test");
    values.forEach(template::set);
    List<JsonNode> objects = new ArrayList<>();
    try (var parsed = YAML.readerFor(JsonNode.class).<JsonNode>readValues(template.call())) {
      parsed.forEachRemaining(
          object -> {
            if (object != null && object.has("kind")) {
              objects.add(object);
            }
          });
    }
    return objects;
  }

  private static List<String> kinds(List<JsonNode> objects) {
    return objects.stream().map(object -> object.path("kind").asText()).toList();
  }

  private static JsonNode kind(List<JsonNode> objects, String kind) {
    return objects.stream()
        .filter(object -> object.path("kind").asText().equals(kind))
        .findFirst()
        .orElseThrow();
  }

  private static JsonNode deployment(List<JsonNode> objects) {
    return kind(objects, "Deployment");
  }

  private static JsonNode container(List<JsonNode> objects) {
    return deployment(objects).at("/spec/template/spec/containers/0");
  }
}
