package dev.nagare.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.models.online.OnlineConfig;
import dev.nagare.models.online.OnlineConfig.Guards;
import dev.nagare.models.online.OnlineConfig.Network;
import dev.nagare.models.online.OnlineConfig.Task;
import dev.nagare.models.online.OnlineConfig.Training;
import dev.nagare.models.repository.Reuse;
import dev.nagare.streaming.Delivery;
import dev.nagare.streaming.Role;
import dev.nagare.streaming.StreamingConfig.Joining;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.StreamingConfig.Topics;
import dev.nagare.streaming.StreamingConfig.Unfit;
import dev.nagare.streaming.codec.RecordFormat;
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
            server: {host: 127.0.0.1, port: 8100, grpc-port: 8101, metrics-port: 8102, triton-metrics: true, max-body-bytes: 4096, memory-bytes: 9000, connection-answer-bytes: 5000, max-connections: 9, max-websockets: 7, allowed-hosts: [Box.local], allowed-origins: ["https://a.example"]}
            compute: {lanes: 3, max-batch-rows: 16, queue-rows: 99, target-p99-ms: 250, request-memory-bytes: 2097152}
            data: /tmp/somewhere
            kafka: {topics: create, role: learner, instance: box-1, delivery: at-least-once, properties: {bootstrap.servers: "127.0.0.1:9092", fetch.max.bytes: 5}}
            models:
              - name: pulse
                features: [cpu0, load1]
                publish-every-steps: 2
                checkpoint-interval-seconds: 30
                learner: {window: 24, hidden: 4, dropout: 0.25, horizon: 3, season: 12, huber-delta: 2, batch: 6, shards: 2, optimizer: adam, learning-rate: 1e-2, warm-up-steps: 1, decay-steps: 2, final-learning-rate: 0, clip-norm: 0.5, score-window: 7, seed: -3}
                guards: {snapshot-steps: 9, loss-deviations: 4, norm-jump: 1.5, worse-than-baseline: 3}
              - name: price
                topic: market
                format: csv
                columns: [day, nsw, vic, up]
                delimiter: ";"
                features: [vic, nsw]
                task: classify
                label: up
                classes: 4
            """,
            Map.of("PATH", "/bin"));

    assertThat(config.server().port()).isEqualTo(8100);
    assertThat(config.server().grpcPort()).isEqualTo(8101);
    assertThat(config.server().metricsPort()).isEqualTo(8102);
    assertThat(config.server().tritonMetrics()).isTrue();
    assertThat(config.server().maxBodyBytes()).isEqualTo(4096);
    assertThat(config.server().memoryBytes()).isEqualTo(9000);
    assertThat(config.server().connectionAnswerBytes()).isEqualTo(5000);
    assertThat(config.server().maxConnections()).isEqualTo(9);
    assertThat(config.server().maxWebSockets()).isEqualTo(7);
    assertThat(config.server().allowedHosts()).containsExactly("box.local");
    assertThat(config.server().allowedOrigins()).containsExactly("https://a.example");
    var streaming = config.streaming();
    assertThat(streaming.lanes()).isEqualTo(3);
    assertThat(streaming.maxBatchRows()).isEqualTo(16);
    assertThat(streaming.queueRows()).isEqualTo(99);
    assertThat(streaming.targetP99()).isEqualTo(Duration.ofMillis(250));
    assertThat(streaming.requestBytes()).isEqualTo(2 << 20);
    assertThat(streaming.dataFolder()).isEqualTo(Path.of("/tmp/somewhere"));
    var kafka = Objects.requireNonNull(streaming.kafka());
    assertThat(kafka.topics()).isEqualTo(Topics.CREATE);
    assertThat(kafka.properties())
        .isEqualTo(Map.of("bootstrap.servers", "127.0.0.1:9092", "fetch.max.bytes", "5"));
    assertThat(kafka.role()).isEqualTo(Role.LEARNER);
    assertThat(kafka.instance()).isEqualTo("box-1");
    assertThat(kafka.delivery()).isEqualTo(Delivery.AT_LEAST_ONCE);
    assertThat(streaming.models().getFirst())
        .isEqualTo(
            new LearnedModel(
                "pulse",
                "pulse.requests",
                new RecordFormat.Protocol(),
                List.of("cpu0", "load1"),
                null,
                new OnlineConfig(
                    2,
                    new Task.Forecast(3, 12, 2),
                    new Network(24, 4, 0.25),
                    new Training(6, 2, 1e-2, 1, 2, 0, 0.5),
                    new Guards(9, 4, 1.5, 3),
                    7,
                    -3),
                2,
                Duration.ofSeconds(30)));
    LearnedModel price = streaming.models().getLast();
    assertThat(price.topic()).isEqualTo("market");
    assertThat(price.format())
        .isEqualTo(new RecordFormat.Csv(List.of("day", "nsw", "vic", "up"), ';'));
    assertThat(price.label()).isEqualTo("up");
    assertThat(price.online().task()).isEqualTo(new Task.Classify(4));
  }

  @Test
  void usesDefaultsForWhatIsNotSaid() throws IOException {
    NagareConfig config = read(SMALL, Map.of());

    assertThat(config.server().host()).isEqualTo("127.0.0.1");
    assertThat(config.server().port()).isEqualTo(8000);
    assertThat(config.server().grpcPort()).isEqualTo(8001);
    assertThat(config.server().metricsPort()).isEqualTo(8002);
    assertThat(config.server().tritonMetrics()).isFalse();
    assertThat(config.server().maxConnections()).isBetween(16, 1000);
    assertThat(config.server().maxWebSockets()).isEqualTo(config.server().maxConnections() / 2);
    assertThat(config.streaming().kafka()).isNull();
    assertThat(config.streaming().targetP99()).isEqualTo(Duration.ofSeconds(1));
    LearnedModel model = config.streaming().models().getFirst();
    assertThat(model.topic()).isEqualTo("pulse.requests");
    assertThat(model.format()).isEqualTo(new RecordFormat.Protocol());
    assertThat(model.online()).isEqualTo(OnlineConfig.forecaster(2));
  }

  @Test
  void webSocketsAreConnectionsToo() {
    assertThatThrownBy(
            () -> read("server: {max-connections: 5, max-websockets: 6}\n" + SMALL, Map.of()))
        .hasMessageContaining(
            "server.max-websockets: expected a whole number from 1 to 5, got '6'");
  }

  @Test
  void callsTheInstanceAfterTheMachineAndTheLabelLabel() throws IOException {
    NagareConfig config =
        read(
            """
            kafka: {properties: {bootstrap.servers: b}}
            models:
              - {name: m, features: [a], task: classify}
              - {name: n, features: [a], format: json}
            """,
            Map.of());

    var kafka = Objects.requireNonNull(config.streaming().kafka());
    assertThat(kafka.role()).isEqualTo(Role.ALL);
    assertThat(kafka.delivery()).isEqualTo(Delivery.EXACTLY_ONCE);
    assertThat(kafka.instance()).isNotBlank().matches("[A-Za-z0-9._-]+");
    assertThat(config.streaming().models().getFirst().label()).isEqualTo("label");
    assertThat(config.streaming().models().getFirst().online())
        .isEqualTo(OnlineConfig.classifier(1, 2));
    assertThat(config.streaming().models().getLast().label()).isNull();
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
    assertThat(config.streaming().models().getFirst().online().network().hidden()).isEqualTo(5);
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
          delivery: at-most-once
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
                        "nagare.yaml:3: server.prot: unknown; known here: host, port, grpc-port, metrics-port, triton-metrics, max-body-bytes, memory-bytes, connection-answer-bytes, max-connections, max-websockets, allowed-hosts, allowed-origins",
                        "nagare.yaml:4: compute.lanes: expected a whole number from 1 to 1024, got '0'",
                        "NAGARE_COMPUTE_QUEUE_ROWS: expected a whole number from 1 to 16777216, got '-1'",
                        "nagare.yaml:6: kafka.topics: expected verify or create, got 'maybe'",
                        "nagare.yaml:7: kafka.delivery: expected exactly-once or at-least-once, got 'at-most-once'",
                        "nagare.yaml:6: kafka.properties: expected bootstrap.servers, such as \"127.0.0.1:9092\", got none; leave the section kafka out for a server without Kafka",
                        "nagare.yaml:9: models[0].name: expected a name of 1 to 64 of a-z, 0-9, '.', '_' and '-', not beginning with '.', got 'pulse!'",
                        "nagare.yaml:10: models[0].features: expected each name once, got [a, a]",
                        "nagare.yaml:12: models[0].learner.clip-norm: expected a number above 0.0, got '0'",
                        "nagare.yaml:13: models[1].name: expected a name of 1 to 64 of a-z, 0-9, '.', '_' and '-', not beginning with '.', got none",
                        "nagare.yaml:14: modles: unknown; known here: server, tls, auth, drain, logging, tracing, processing, compute, data, kafka, repository, models",
                        "NAGARE_SERVER_HSOT: unknown variable; --print-config lists the settings, NAGARE_SERVER_PORT sets server.port"));
  }

  @Test
  void aRepositoryIsAFolderOrASection() throws IOException {
    assertThat(repository("repository: m"))
        .hasToString(
            "RepositoryConfig[folder=m, control=API, load=[], poll=PT15S,"
                + " memoryBytes=9223372036854775807, files=ModelFileReader[]]");
    assertThat(
            repository(
                "repository: {folder: m, control: poll, poll-seconds: 3, memory-limit-bytes: 99}"))
        .hasToString(
            "RepositoryConfig[folder=m, control=POLL, load=[], poll=PT3S, memoryBytes=99,"
                + " files=ModelFileReader[]]");
    assertThat(repository("repository: {folder: m, control: explicit, load: [a, b]}"))
        .hasToString(
            "RepositoryConfig[folder=m, control=EXPLICIT, load=[a, b], poll=PT15S,"
                + " memoryBytes=9223372036854775807, files=ModelFileReader[]]");
    assertThatThrownBy(
            () -> repository("repository: {folder: m, control: explicit, load: [a, ../b]}"))
        .hasMessageContaining("repository.load: model name: expected 1 to 64 of a-z, 0-9")
        .hasMessageContaining("got '../b'");
    assertThatThrownBy(() -> repository("repository: {control: api, load: [a], poll-seconds: 3}"))
        .hasMessageContaining("repository.folder: expected a folder of models, got none")
        .hasMessageContaining("repository.load: only with control: explicit")
        .hasMessageContaining("repository.poll-seconds: only with control: poll");
    assertThatThrownBy(() -> repository("repository: {folder: m, control: often}"))
        .hasMessageContaining("repository.control: expected api or explicit or poll, got 'often'");
  }

  @Test
  void aDrainWaitsForBalancersWhereOthersReachIt() throws IOException {
    assertThat(read(SMALL, Map.of()).drain())
        .isEqualTo(new DrainConfig(Duration.ZERO, Duration.ofSeconds(20)));
    String reached =
        "server: {host: 0.0.0.0, allowed-hosts: [box]}\nauth: {anonymous: [infer]}\n" + SMALL;
    assertThat(read(reached, Map.of()).drain().delay()).isEqualTo(Duration.ofSeconds(5));
    assertThat(read("drain: {delay-seconds: 7, timeout-seconds: 8}\n" + SMALL, Map.of()).drain())
        .isEqualTo(new DrainConfig(Duration.ofSeconds(7), Duration.ofSeconds(8)));
  }

  @Test
  void logsAndSpansAreAsWritten() throws IOException {
    NagareConfig usual = read(SMALL, Map.of());
    assertThat(usual.logging()).isEqualTo(new LoggingConfig(LoggingConfig.Format.TEXT, 0));
    assertThat(usual.tracing().exporter()).isEqualTo(TracingConfig.Exporter.NONE);
    NagareConfig said =
        read(
            """
            logging: {format: json, requests: 0.25}
            tracing: {exporter: otlp, endpoint: "http://collector:4318", sampled: 0.5}
            """
                + SMALL,
            Map.of());
    assertThat(said.logging()).isEqualTo(new LoggingConfig(LoggingConfig.Format.JSON, 0.25));
    assertThat(said.tracing())
        .isEqualTo(new TracingConfig(TracingConfig.Exporter.OTLP, "http://collector:4318", 0.5));
    assertThatThrownBy(
            () ->
                read(
                    "logging: {requests: 2}\ntracing: {sampled: 2, endpoint: box}\n" + SMALL,
                    Map.of()))
        .hasMessageContaining("logging.requests: expected a number from 0 to 1, got 2.0")
        .hasMessageContaining("tracing.sampled: expected a number from 0 to 1, got 2.0")
        .hasMessageContaining("tracing.endpoint: expected an address of http or https, got 'box'");
  }

  private Object repository(String yaml) throws IOException {
    return Objects.requireNonNull(read(yaml, Map.of()).streaming().repository());
  }

  @Test
  void readsHowLabelsFindTheirPredictions() throws IOException {
    NagareConfig config =
        read(
            """
            kafka: {properties: {bootstrap.servers: "127.0.0.1:9092"}}
            models:
              - name: price
                features: [vic, nsw]
                task: classify
                classes: 3
                capture: sync
                examples: joined
                labels: {wait-seconds: 60, most-predictions: 500, most-bytes: 4096, late: note, unmatched: note, unlabelled: 2}
              - {name: audit, features: [x], capture: sync}
            """,
            Map.of());
    LearnedModel price = config.streaming().models().getFirst();
    assertThat(price.topic()).isEqualTo("price.examples");
    assertThat(price.capture()).isTrue();
    assertThat(price.online().task()).isEqualTo(new Task.ClassifyExamples(3));
    assertThat(price.joining())
        .isEqualTo(new Joining(Duration.ofSeconds(60), 500, 4096, Unfit.NOTE, Unfit.NOTE, 2));
    LearnedModel audit = config.streaming().models().getLast();
    assertThat(audit.capture()).isTrue();
    assertThat(audit.joining()).isNull();
  }

  @Test
  void aModelThatLearnsMayRememberAndShareItsAnswers() throws IOException {
    String one = "{name: a, features: [x], cache-bytes: 65536, coalesce: true}";
    NagareConfig config = read("models: [" + one + ", {name: b, features: [x]}]", Map.of());
    assertThat(config.streaming().models().getFirst().reuse()).isEqualTo(new Reuse(65_536, true));
    assertThat(config.streaming().models().getLast().reuse()).isEqualTo(Reuse.NONE);
    assertThatThrownBy(() -> read("models: [{name: a, features: [x], cache-bytes: 1}]", Map.of()))
        .hasMessageContaining("models[0].cache-bytes: expected 0, or at least 65536, got 1");
  }

  @Test
  void labelsNeedRecordedAnswersAClassifierAndACluster() {
    String yaml =
        """
        models:
          - {name: a, features: [x], examples: joined, topic: t, format: json}
          - {name: b, features: [x], task: classify, labels: {late: keep}}
          - {name: c, features: [x], task: classify, capture: sync, examples: joined, labels: {unlabelled: 2}}
        """;
    assertThatThrownBy(() -> read(yaml, Map.of()))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e ->
                assertThat(e.faults())
                    .anySatisfy(
                        f -> assertThat(f).contains("models[0].topic: only for examples: records"))
                    .anySatisfy(
                        f -> assertThat(f).contains("models[0].format: only for examples: records"))
                    .anySatisfy(
                        f ->
                            assertThat(f)
                                .contains("models[0].examples: joined: expected task: classify"))
                    .anySatisfy(
                        f ->
                            assertThat(f)
                                .contains("models[0].examples: joined: expected capture: sync"))
                    .anySatisfy(
                        f -> assertThat(f).contains("models[1].labels: only for examples: joined"))
                    .anySatisfy(
                        f ->
                            assertThat(f)
                                .contains(
                                    "labels.unlabelled: expected a whole number from -1 to 1"))
                    .anySatisfy(
                        f ->
                            assertThat(f)
                                .contains("kafka: expected a cluster, since c has capture: sync")));
  }

  @Test
  void namesEveryFaultOfAModelAtOnce() {
    String yaml =
        """
        models:
          - {name: a, format: csv, features: [x, y], task: classify}
          - {name: b, format: csv, columns: [x, x], delimiter: "1", features: [z, l], label: l, task: classify, classes: 1}
          - {name: c, topic: a.requests, features: [x], label: l, classes: 2, columns: [x], delimiter: ";"}
          - {name: d, topic: a.predictions, features: [x]}
          - {name: e, topic: e.dead-letter, features: [x], learner: {window: 8, season: 9}}
          - name: f
            topic: nagare.registry
            features: [x]
            task: classify
            learner: {horizon: 2, batch: 2, shards: 3, dropout: 1, optimizer: sgd}
            guards: {norm-jump: 1, worse-than-baseline: 0.5, loss-deviations: -1}
        """;

    assertThatThrownBy(() -> read(yaml, Map.of()))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e ->
                assertThat(e.faults().stream().map(f -> f.replace(folder + "/nagare.yaml:", "")))
                    .containsExactly(
                        "2: models[0].columns: expected the names of a record's columns, in order, got none",
                        "2: models[0].label: expected the name of the label in a record, got none",
                        "3: models[1].columns: expected each name once, got [x, x]",
                        "3: models[1].delimiter: expected one ASCII character that is no part of numbers, or tab, got '1'",
                        "3: models[1].label: expected a name that is not among the features, got 'l'",
                        "3: models[1].features: expected names of columns, got [z, l] that are none",
                        "3: models[1].label: expected the name of a column, got 'l' that is none",
                        "3: models[1].classes: expected a whole number from 2 to 65536, got '1'",
                        "4: models[2].columns: only for format: csv",
                        "4: models[2].delimiter: only for format: csv",
                        "4: models[2].label: only for task: classify; the label of a forecast is the rows that come",
                        "4: models[2].classes: only for task: classify",
                        "4: models[2].topic: expected a topic of its own, got a.requests, the topic that a learns from",
                        "5: models[3].topic: expected a topic of its own, got a.predictions, the predictions of a",
                        "6: models[4].learner.season: expected at most the window, 8, got 9",
                        "6: models[4].topic: expected another topic than the model writes, got e.dead-letter",
                        "11: models[5].learner.dropout: expected a number from 0 up to but not including 1, got '1'",
                        "11: models[5].learner.horizon: only for task: forecast",
                        "11: models[5].learner.shards: expected a divisor of the batch, 2, got 3",
                        "11: models[5].learner.optimizer: expected adam, got 'sgd'",
                        "12: models[5].guards.loss-deviations: expected a number of at least 0.0, got '-1'",
                        "12: models[5].guards.norm-jump: expected a number above 1, or 0 for no such guard, got 1.0",
                        "12: models[5].guards.worse-than-baseline: expected a number above 1, or 0 for no such guard, got 0.5",
                        "8: models[5].topic: expected a topic of its own, got nagare.registry, the registry of this deployment"));
  }

  @Test
  void refusesPropertiesThatPromisesRestOnAndThoseThatLoadCode() {
    String yaml =
        """
        kafka:
          instance: "a b"
          properties:
            bootstrap.servers: b
            auto.offset.reset: latest
            transactional.id: mine
            interceptor.classes: com.example.Spy
            ssl.engine.factory.class: com.example.Tls
            config.providers.env.class: x
            sasl.login.callback.handler.class: com.example.Login
            sasl.jaas.config: com.sun.security.auth.module.JndiLoginModule required user="u" password="hush";
        """;

    assertThatThrownBy(
            () -> read(yaml + SMALL, Map.of("NAGARE_KAFKA_PROPERTIES_ENABLE_AUTO_COMMIT", "true")))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e -> {
              assertThat(e.faults().stream().map(f -> f.replace(folder + "/nagare.yaml:", "")))
                  .hasSize(9)
                  .contains(
                      "5: kafka.properties.auto.offset.reset: set by Nagare, leave it out: it is none: a learner whose records are gone must say so, not skip them",
                      "NAGARE_KAFKA_PROPERTIES_ENABLE_AUTO_COMMIT: set by Nagare, leave it out: offsets are committed in the transaction that holds what came of the records",
                      "10: kafka.properties.sasl.login.callback.handler.class: expected a class of Kafka's own, org.apache.kafka.common.security.…, got 'com.example.Login'")
                  .anySatisfy(
                      fault ->
                          assertThat(fault)
                              .startsWith(
                                  "11: kafka.properties.sasl.jaas.config: expected one of the login modules")
                              .endsWith("got 'com.sun.security.auth.module.JndiLoginModule'"));
              assertThat(e.getMessage()).doesNotContain("hush");
            });
  }

  @Test
  void takesWhatTlsAndSaslNeed() throws IOException {
    String yaml =
        """
        kafka:
          properties:
            bootstrap.servers: b:9093
            security.protocol: SASL_SSL
            ssl.truststore.type: PEM
            ssl.truststore.location: /etc/nagare/ca.pem
            ssl.key.password: hush
            sasl.mechanism: OAUTHBEARER
            sasl.login.callback.handler.class: org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler
            sasl.jaas.config: org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required clientSecret="hush;hush";
        """;

    NagareConfig config = read(yaml + SMALL, Map.of());

    assertThat(Objects.requireNonNull(config.streaming().kafka()).properties()).hasSize(8);
    assertThat(config.printed()).doesNotContain("hush").contains("SASL_SSL");
  }

  @Test
  void asksForAllowedHostsWhenOthersCanReachIt() {
    assertThatThrownBy(() -> read("server: {host: 0.0.0.0}\n" + SMALL, Map.of()))
        .hasMessageContaining("server.allowed-hosts: expected the names that callers use");
  }

  @Test
  void theMemoryOfRequestsHoldsACompressedBodyAndWhatComesOutOfIt() throws IOException {
    ServerConfig usual = read(SMALL, Map.of()).server();
    assertThat(usual.memoryBytes()).isGreaterThanOrEqualTo(2L * usual.maxBodyBytes());
    assertThat(
            read("server: {max-body-bytes: 4096, memory-bytes: 8192}\n" + SMALL, Map.of())
                .server()
                .memoryBytes())
        .isEqualTo(8192);
    assertThatThrownBy(
            () -> read("server: {max-body-bytes: 4096, memory-bytes: 8191}\n" + SMALL, Map.of()))
        .hasMessageContaining("server.memory-bytes: expected a whole number of at least 8192");
  }

  @Test
  void aConnectionHasAQuarterOfTheMemoryForItsAnswersAndWhatABodyMayHave() throws IOException {
    String memory = "server: {max-body-bytes: 4096, memory-bytes: %d}\n" + SMALL;
    assertThat(read(memory.formatted(40_000), Map.of()).server().connectionAnswerBytes())
        .isEqualTo(10_000);
    assertThat(read(memory.formatted(8192), Map.of()).server().connectionAnswerBytes())
        .isEqualTo(4096);
    assertThatThrownBy(
            () ->
                read(
                    "server: {max-body-bytes: 1024, memory-bytes: 8192, connection-answer-bytes: 8193}\n"
                        + SMALL,
                    Map.of()))
        .hasMessageContaining(
            "server.connection-answer-bytes: expected a whole number from 1024 to 8192");
  }

  @Test
  void aServerThatOthersReachNeedsTokensOrOnlyAnswers() throws IOException {
    String reached = "server: {host: 0.0.0.0, allowed-hosts: [box]}\n" + SMALL;
    assertThatThrownBy(() -> read(reached, Map.of()))
        .hasMessageContaining("auth.tokens: expected a file of tokens")
        .hasMessageContaining("nagare token --principal NAME --scopes infer,learn");
    for (String more : List.of("learn", "manage", "'label:any'")) {
      assertThatThrownBy(
              () -> read("auth: {anonymous: [infer, " + more + "]}\n" + reached, Map.of()))
          .hasMessageContaining("auth.anonymous: expected at most [infer]");
    }
    assertThat(read("auth: {anonymous: [infer]}\n" + reached, Map.of()).security().anonymous())
        .containsExactly(Scope.INFER);
  }

  @Test
  void onLoopbackEverybodyMayEverythingUntilThereAreTokens() throws IOException {
    assertThat(read(SMALL, Map.of()).security()).isEqualTo(SecurityConfig.open());
    Path tokens = Files.writeString(folder.resolve("tokens"), "");
    SecurityConfig guarded = read("auth: {tokens: " + tokens + "}\n" + SMALL, Map.of()).security();
    assertThat(guarded.anonymous()).isEmpty();
    assertThat(guarded.tokens()).isEqualTo(tokens);
  }

  @Test
  void theConsolesTokenComesByAVariableAndIsNotShown() throws IOException {
    assertThatThrownBy(() -> read("auth: {console-token: x}\n" + SMALL, Map.of()))
        .hasMessageContaining("in the variable NAGARE_AUTH_CONSOLE_TOKEN, not in a file");
    NagareConfig config = read(SMALL, Map.of("NAGARE_AUTH_CONSOLE_TOKEN", "s3cret"));
    assertThat(config.security().consoleToken()).isEqualTo("s3cret");
    assertThat(config.printed()).contains("(hidden)").doesNotContain("s3cret");
  }

  @Test
  void certificatesAndWebTokensAreSaidWholeOrNotAtAll() throws IOException {
    Path pem = Files.writeString(folder.resolve("a.pem"), "");
    assertThatThrownBy(
            () ->
                read(
                    "tls: {certificate: "
                        + pem
                        + "}\nauth: {jwt: {keys: "
                        + pem
                        + ", algorithm: none}}\n"
                        + SMALL,
                    Map.of()))
        .hasMessageContaining("tls.key: expected certificate and key")
        .hasMessageContaining("auth.jwt.algorithm: expected one of ES256")
        .hasMessageContaining("auth.jwt.issuer: expected the claim iss")
        .hasMessageContaining("auth.jwt.audience: expected the claim aud");
    assertThatThrownBy(() -> read("tls: {certificate: /no, key: /no}\n" + SMALL, Map.of()))
        .hasMessageContaining("tls.key: expected a file that can be read, got '/no'");
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
  void picturesAndTextsHaveLimits() throws IOException {
    ProcessingConfig usual = read(SMALL, Map.of()).processing();
    assertThat(usual.threads()).isBetween(1, 8);
    assertThat(usual.queue()).isEqualTo(64);
    assertThat(usual.mostPixels()).isEqualTo(16L << 20);
    assertThat(usual.mostTexts()).isEqualTo(32);
    assertThat(usual.mostCharacters()).isEqualTo(65_536);
    String own =
        "processing: {threads: 3, queue: 9, max-pixels: 50000, max-texts: 2, max-text-characters: 7}\n";
    assertThat(read(own + SMALL, Map.of()).processing())
        .isEqualTo(new ProcessingConfig(3, 9, 50_000, 2, 7));
    assertThatThrownBy(() -> read("processing: {max-pixels: 16777217}\n" + SMALL, Map.of()))
        .hasMessageContaining(
            "processing.max-pixels: expected a whole number from 1 to 16777216, got '16777217'");
  }

  @Test
  void printsEachValueWithItsOriginAndHidesSecrets() throws IOException {
    NagareConfig config =
        read(
            "server:\n  port: 9\nkafka: {properties: {bootstrap.servers: b, ssl.key.password: hush}}\n"
                + SMALL,
            Map.of("NAGARE_SERVER_METRICS_PORT", "10"));

    List<String> lines =
        config.printed().replace(folder + "/", "").replaceAll(" {2,}", " ").lines().toList();
    assertThat(lines)
        .contains(
            "server.host 127.0.0.1 default",
            "server.port 9 nagare.yaml:2",
            "server.metrics-port 10 NAGARE_SERVER_METRICS_PORT",
            "kafka.properties.ssl.key.password (hidden) nagare.yaml:3",
            "models[0].features [cpu0, load1] nagare.yaml:6");
    assertThat(config.printed()).doesNotContain("hush");
  }

  private NagareConfig read(String yaml, Map<String, String> environment) throws IOException {
    Path file = folder.resolve("nagare.yaml");
    Files.writeString(file, yaml);
    return NagareConfig.read(file, environment);
  }
}
