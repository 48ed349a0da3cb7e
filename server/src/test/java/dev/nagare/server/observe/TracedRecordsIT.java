package dev.nagare.server.observe;

import static dev.nagare.server.observe.SpansSeen.attribute;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.BrokerJvm;
import dev.nagare.server.config.NagareConfig;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.Streaming;
import dev.nagare.streaming.StreamingObserver;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spans of records, from a real broker through the real lanes. */
class TracedRecordsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String PROCESS = "process wave.requests";
  private static final String ROW =
      "{\"inputs\":[{\"name\":\"row\",\"datatype\":\"FP32\",\"shape\":[1,1],\"data\":[0.5]}]}";
  private static final String QUESTION =
      "{\"id\":\"q\",\"inputs\":[{\"name\":\"window\",\"datatype\":\"FP32\",\"shape\":[1,2,1],"
          + "\"data\":[0.1,0.2]}]}";

  @TempDir private Path folder;

  @Test
  void aRecordIsASpanOfTheTraceInItsHeaders() throws Exception {
    try (var spans = new SpansSeen();
        var broker = BrokerJvm.start(folder.resolve("broker"));
        Streaming streaming =
            Streaming.start(
                config(broker).streaming(),
                new StreamingObserver() {},
                spans.tracing(),
                new ByteBudget(ByteBudget.usualBytes(), who -> {}));
        var producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      await()
          .atMost(PATIENCE)
          .until(() -> streaming.model("wave").orElseThrow().status().learning());
      send(producer, QUESTION, SpansSeen.SAMPLED);
      await().atMost(PATIENCE).until(() -> spans.has(PROCESS));

      SpanData record = spans.only(PROCESS);
      assertThat(record.getKind()).isEqualTo(SpanKind.CONSUMER);
      assertThat(record.getTraceId()).isEqualTo(SpansSeen.TRACE);
      assertThat(record.getParentSpanId()).isEqualTo(SpansSeen.CALLER);
      assertThat(attribute(record, "messaging.system")).isEqualTo("kafka");
      assertThat(attribute(record, "messaging.destination.name")).isEqualTo("wave.requests");
      assertThat(attribute(record, "messaging.kafka.offset")).isEqualTo("0");
      assertThat(attribute(record, "messaging.operation.name")).isEqualTo("process");
      assertThat(attribute(record, "nagare.model.name")).isEqualTo("wave");
      assertThat(attribute(record, "nagare.model.version")).isEqualTo("0");
      assertThat(attribute(record, "nagare.request.id")).isEqualTo("q");
      SpanData batch = spans.only("batch");
      SpanData queue = spans.only("queue");
      SpanData compute = spans.only("compute");
      assertThat(List.of(queue.getParentSpanId(), batch.getParentSpanId()))
          .containsOnly(record.getSpanId());
      assertThat(compute.getParentSpanId()).isEqualTo(batch.getSpanId());
      assertThat(attribute(batch, "nagare.batch.questions")).isEqualTo("1");
      assertThat(queue.getEndEpochNanos()).isEqualTo(batch.getStartEpochNanos());
      assertThat(compute.getStartEpochNanos()).isGreaterThanOrEqualTo(batch.getStartEpochNanos());
      assertThat(compute.getEndEpochNanos()).isLessThanOrEqualTo(batch.getEndEpochNanos());

      send(producer, ROW, SpansSeen.NOT_SAMPLED);
      send(producer, "no request", null);
      send(producer, ROW, null);
      await().atMost(PATIENCE).until(() -> count(spans) == 3);
      List<SpanData> records =
          spans.all().stream().filter(span -> span.getName().equals(PROCESS)).toList();
      assertThat(records)
          .extracting(span -> attribute(span, "messaging.kafka.offset"))
          .containsExactly("0", "2", "3");
      assertThat(records.get(1).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
      assertThat(records.get(2).getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    }
  }

  private static long count(SpansSeen spans) {
    return spans.all().stream().filter(span -> span.getName().equals(PROCESS)).count();
  }

  private static void send(
      KafkaProducer<byte[], byte[]> producer, String value, @Nullable String traceparent)
      throws Exception {
    var record = new ProducerRecord<byte[], byte[]>("wave.requests", value.getBytes(UTF_8));
    if (traceparent != null) {
      record.headers().add("traceparent", traceparent.getBytes(UTF_8));
    }
    producer.send(record).get();
  }

  private NagareConfig config(BrokerJvm broker) throws Exception {
    Path file = folder.resolve("nagare.yaml");
    Files.writeString(
        file,
        """
        data: "%s"
        kafka: {topics: create, instance: one, properties: {bootstrap.servers: "%s"}}
        models: [{name: wave, features: [sine], learner: {window: 2, hidden: 4}}]
        """
            .formatted(folder.resolve("data"), broker.bootstrapServers()));
    return NagareConfig.read(file, Map.of());
  }
}
