package dev.nagare.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The other side of a model's topics: who sends records and reads what comes of them. */
public final class Topics implements AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;
  private final Admin admin;
  private final String servers;

  public Topics(String servers) {
    this.servers = servers;
    this.admin = Admin.create(Map.of("bootstrap.servers", servers));
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                servers,
                "linger.ms",
                "0",
                "max.in.flight.requests.per.connection",
                "1"),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  public void create(String... topics) throws Exception {
    var wanted =
        java.util.Arrays.stream(topics)
            .map(topic -> new NewTopic(topic, Optional.of(1), Optional.<Short>empty()))
            .toList();
    admin.createTopics(wanted).all().get();
  }

  @CanIgnoreReturnValue
  public Future<RecordMetadata> send(String topic, String value) {
    return producer.send(new ProducerRecord<>(topic, value.getBytes(UTF_8)));
  }

  /** Sends a record of another time, with headers; the next one comes after it. */
  public void send(String topic, String value, long timestampMillis, Map<String, String> headers)
      throws Exception {
    var record =
        new ProducerRecord<byte[], byte[]>(topic, 0, timestampMillis, null, value.getBytes(UTF_8));
    headers.forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
    producer.send(record).get();
  }

  public void sendTombstone(String topic) throws Exception {
    producer.send(new ProducerRecord<>(topic, null)).get();
  }

  /** A record without a value, which makes a compacted topic forget the key. */
  public void sendTombstone(String topic, String key) throws Exception {
    producer.send(new ProducerRecord<>(topic, key.getBytes(UTF_8), null)).get();
  }

  public void flush() {
    producer.flush();
  }

  /** As retention does; from a compacted topic as well, where Kafka allows it to nobody. */
  public void deleteBefore(String topic, long offset) throws Exception {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    String policy = "cleanup.policy";
    Config config =
        Objects.requireNonNull(admin.describeConfigs(List.of(resource)).all().get().get(resource));
    String was = Objects.requireNonNull(config.get(policy)).value();
    set(resource, new ConfigEntry(policy, "delete"));
    admin
        .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(offset)))
        .all()
        .get();
    set(resource, new ConfigEntry(policy, was));
  }

  private void set(ConfigResource resource, ConfigEntry entry) throws Exception {
    var change = new AlterConfigOp(entry, AlterConfigOp.OpType.SET);
    admin.incrementalAlterConfigs(Map.of(resource, List.of(change))).all().get();
  }

  /** All records that the topic has now. */
  public List<ConsumerRecord<byte[], byte[]>> read(String topic)
      throws ExecutionException, InterruptedException {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", servers);
    settings.put("isolation.level", "read_committed");
    List<ConsumerRecord<byte[], byte[]>> all = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
      while (consumer.position(partition) < end) {
        all.addAll(consumer.poll(Duration.ofMillis(200)).records(partition));
      }
    }
    return all;
  }

  /** An observation. */
  public static String row(float... values) {
    return request("row", "[1, " + values.length + "]", values);
  }

  /** A question. */
  public static String window(int window, int features, float... values) {
    return request(
        "window",
        "[" + values.length / (window * features) + ", " + window + ", " + features + "]",
        values);
  }

  private static String request(String name, String shape, float... values) {
    return String.format(
        Locale.ROOT,
        "{\"inputs\": [{\"name\": \"%s\", \"shape\": %s, \"datatype\": \"FP32\", \"data\": %s}]}",
        name,
        shape,
        java.util.Arrays.toString(values));
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(1));
    admin.close(Duration.ofSeconds(1));
  }
}
