package dev.nagare.loadtest.packaging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import dev.nagare.server.config.Reference;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart as the real Helm engine lints and renders it. */
class ChartTest {
  private static final Path CHART = Path.of("..", "helm", "nagare");
  private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());

  /** What the chart fills in itself, and what is not for a pod. */
  private static final Set<String> OF_THE_CHART =
      Set.of(
          "data",
          "kafka.instance",
          "server.host",
          "server.port",
          "server.grpc-port",
          "server.metrics-port",
          "server.allowed-hosts",
          "server.allowed-origins",
          "tls.certificate",
          "tls.key",
          "tls.client-ca");

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

  @Test
  void aFolderOfModelsIsServedFromAVolume() throws IOException {
    List<JsonNode> objects =
        render(
            Map.of(
                "config.models", "null", // none that learns
                "config.repository.folder", "/models",
                "config.repository.control", "poll",
                "extraVolumes[0].name", "models",
                "extraVolumes[0].persistentVolumeClaim.claimName", "zoo",
                "extraVolumeMounts[0].name", "models",
                "extraVolumeMounts[0].mountPath", "/models"));
    JsonNode config = YAML.readTree(kind(objects, "ConfigMap").at("/data/nagare.yaml").asText());
    assertThat(config.at("/repository/folder").asText()).isEqualTo("/models");
    assertThat(config.has("models")).isFalse();
    assertThat(container(objects).path("volumeMounts").findValuesAsText("mountPath"))
        .contains("/models");
    assertThat(deployment(objects).at("/spec/template/spec/volumes").findValuesAsText("claimName"))
        .containsExactly("zoo");
    assertThat(render(Map.of("config.repository", "/models"))).isNotEmpty();
  }

  @Test
  void schemaHasEveryKeyOfTheStartUpFileButTheChartsOwn() throws IOException {
    JsonNode schema = YAML.readTree(CHART.resolve("values.schema.json").toFile());
    List<String> missing = new ArrayList<>();
    Reference.of(Reference.File.START_UP).parts().stream()
        .flatMap(part -> part.entries().stream())
        .map(Reference.Entry::path)
        .filter(path -> !OF_THE_CHART.contains(path))
        .filter(path -> !takes(schema.at("/properties/config"), path))
        .forEach(missing::add);
    assertThat(missing).isEmpty();
    assertThat(takes(schema.at("/properties/config"), "server.no-such-key")).isFalse();
    assertThat(takes(schema.at("/properties/config"), "models[].no-such-key")).isFalse();
  }

  @Test
  void schemaHasNoKeyThatTheServerDoesNotKnow() throws IOException {
    JsonNode schema = YAML.readTree(CHART.resolve("values.schema.json").toFile());
    List<String> known = new ArrayList<>();
    for (Reference.Part part : Reference.of(Reference.File.START_UP).parts()) {
      known.add(part.path());
      part.entries().forEach(entry -> known.add(entry.path()));
    }
    List<String> told = new ArrayList<>();
    told(schema.at("/properties/config"), "", told);
    assertThat(told).hasSizeGreaterThan(40).allMatch(known::contains);
  }

  /** Whether a schema has a place for a key; where it leaves a section open, for any. */
  private static boolean takes(JsonNode schema, String path) {
    int dot = path.indexOf('.');
    String first = dot < 0 ? path : path.substring(0, dot);
    boolean list = first.endsWith("[]");
    for (JsonNode form : forms(schema)) {
      if (form.path("type").asText().equals("object") && !form.has("properties")) {
        return true;
      }
      JsonNode below = form.path("properties").path(list ? first.replace("[]", "") : first);
      JsonNode item = list ? below.path("items") : below;
      if (!item.isMissingNode() && (dot < 0 || takes(item, path.substring(dot + 1)))) {
        return true;
      }
    }
    return false;
  }

  /** The paths of what a schema names. */
  private static void told(JsonNode schema, String path, List<String> told) {
    for (JsonNode form : forms(schema)) {
      form.path("properties")
          .properties()
          .forEach(
              entry -> {
                JsonNode item = entry.getValue().path("items");
                boolean sections = item.has("properties");
                String name = path + entry.getKey() + (sections ? "[]" : "");
                told.add(name);
                told(sections ? item : entry.getValue(), name + ".", told);
              });
    }
  }

  private static List<JsonNode> forms(JsonNode schema) {
    List<JsonNode> forms = new ArrayList<>(List.of(schema));
    schema.path("oneOf").forEach(forms::add);
    return forms;
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
        "config.repository.control=guess",
        "config.server.max-connections=0",
        "config.models=",
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
