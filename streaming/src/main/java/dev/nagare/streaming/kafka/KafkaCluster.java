package dev.nagare.streaming.kafka;

import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.Delivery;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeFeaturesOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TransactionDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka cluster, which need not be there yet: its topics, its readers and writers, and whether it
 * answers.
 *
 * <p>Safe for any thread.
 */
public final class KafkaCluster implements AutoCloseable {
  /** Longer than a transaction may be open. */
  private static final long OPEN_TRANSACTION_NANOS = TimeUnit.SECONDS.toNanos(30);

  private static final long OPEN_TRANSACTION_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private static final String TRANSACTION_VERSION = "transaction.version";
  private static final int PROBE_MILLIS = 1_500;
  private static final String SESSION_MILLIS = "10000";
  private static final String BATCH_BYTES = "262144";
  private static final String TRANSACTION_MILLIS = "10000";
  private static final Duration PROBE_EVERY = Duration.ofSeconds(2);

  private final Map<String, Object> properties;
  private final String servers;
  private final Delivery delivery;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("nagare-kafka-watch").factory());
  private @Nullable Admin admin;
  private boolean closed;
  private volatile boolean away;

  /**
   * Begins to watch a cluster in which outputs are written exactly once.
   *
   * @param properties client properties as Kafka names them
   * @throws IllegalArgumentException if {@code bootstrap.servers} is missing
   */
  public KafkaCluster(Map<String, String> properties) {
    this(properties, Delivery.EXACTLY_ONCE);
  }

  /**
   * Begins to watch a cluster.
   *
   * @param properties client properties as Kafka names them
   * @param delivery of outputs
   * @throws IllegalArgumentException if {@code bootstrap.servers} is missing
   */
  public KafkaCluster(Map<String, String> properties, Delivery delivery) {
    this.delivery = delivery;
    String given = properties.get("bootstrap.servers");
    if (given == null || given.isBlank()) {
      throw new IllegalArgumentException(
          "kafka: properties: bootstrap.servers is missing, such as 127.0.0.1:9092");
    }
    this.servers = given;
    this.properties = new HashMap<>(properties);
    // A broker that comes back is to be noticed at once, not after a minute of growing waits.
    this.properties.putIfAbsent("reconnect.backoff.max.ms", "1000");
    var _ =
        watch.scheduleWithFixedDelay(this::probe, 0, PROBE_EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What clients connect to. */
  public String servers() {
    return servers;
  }

  /** Whether the cluster did not answer when last asked, which is every two seconds. */
  public boolean isAway() {
    return away;
  }

  /**
   * Joins a consumer group with a fixed member name: a process that comes back under its name gets
   * its partition back at once.
   *
   * @param group id of the group
   * @param instance name of this member, unique in the group
   * @param topic read, of one partition
   * @param prepare runs before each attempt to join; what it throws is trouble
   */
  public GroupMember join(
      String group, String instance, String topic, Runnable prepare, GroupMember.Listener told) {
    Map<String, Object> settings = reading();
    settings.put("group.id", group);
    settings.put("group.instance.id", instance);
    settings.put("group.protocol", "classic");
    // An owner keeps what it owns when another member comes.
    settings.put("partition.assignment.strategy", CooperativeStickyAssignor.class.getName());
    settings.put("session.timeout.ms", SESSION_MILLIS);
    settings.put("heartbeat.interval.ms", "1000");
    var member =
        new GroupMember(() -> consumer(settings), new TopicPartition(topic, 0), prepare, told);
    member.start();
    return member;
  }

  /** A reader of a topic's one partition, at its first record. */
  public LogReader log(String topic) {
    return new LogReader(consumer(reading()), new TopicPartition(topic, 0));
  }

  /**
   * A way into the log for single records; the caller closes it.
   *
   * @param budget that records draw from while they wait
   */
  public LogAppender appender(ByteBudget budget) {
    Map<String, Object> settings = LogAppender.settings(properties);
    return new LogAppender(
        () -> new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()),
        servers,
        budget);
  }

  private Map<String, Object> reading() {
    Map<String, Object> settings = new HashMap<>(properties);
    settings.put("enable.auto.commit", "false");
    settings.put("auto.offset.reset", "none");
    settings.put("isolation.level", "read_committed");
    return settings;
  }

  private static Consumer<byte[], byte[]> consumer(Map<String, Object> settings) {
    return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /**
   * Opens a writer, and shuts out every earlier one of the same id.
   *
   * @param transactionalId whose last user alone may write
   * @param group id of the consumer group whose offsets it commits
   */
  public TransactionalWriter fence(String transactionalId, String group) {
    Map<String, Object> settings = writing();
    settings.put("transactional.id", transactionalId);
    settings.put("transaction.timeout.ms", TRANSACTION_MILLIS);
    // A transaction right after another one is answered "not yet", and the usual pause would cost
    // 100 ms each time (KAFKA-20000). Later pauses grow.
    settings.put("retry.backoff.ms", "1");
    settings.put("retry.backoff.max.ms", "1000");
    var writer =
        new TransactionalWriter(
            new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer()),
            group);
    try {
      writer.fence();
    } catch (KafkaException e) {
      writer.close();
      throw e;
    }
    return writer;
  }

  /**
   * The owner's way to write outputs.
   *
   * @param owner fenced; closed with what is returned, which may be itself
   */
  public OutputWriter outputs(TransactionalWriter owner) {
    return delivery == Delivery.EXACTLY_ONCE
        ? owner
        : new AtLeastOnceWriter(
            new KafkaProducer<>(writing(), new ByteArraySerializer(), new ByteArraySerializer()),
            owner);
  }

  private Map<String, Object> writing() {
    Map<String, Object> settings = new HashMap<>(properties);
    settings.put("acks", "all");
    settings.put("enable.idempotence", "true");
    // With more, a new partition may accept the second request before the first, and refuses that
    // one as out of order for ever.
    settings.put("max.in.flight.requests.per.connection", "1");
    settings.put("linger.ms", "0");
    // With one request in flight, outputs in batches of the usual 16 KiB wait for an
    // acknowledgement each: a transaction of some hundred would take most of its time for that.
    settings.putIfAbsent("batch.size", BATCH_BYTES);
    settings.put("request.timeout.ms", "5000");
    settings.put("delivery.timeout.ms", TRANSACTION_MILLIS);
    settings.put("max.block.ms", TRANSACTION_MILLIS);
    return settings;
  }

  /** What tells one user of a transactional id from the next: producer id and epoch. */
  public String lease(String transactionalId) {
    TransactionDescription description =
        answer(admin().describeTransactions(List.of(transactionalId)).description(transactionalId));
    return description.producerId() + "-" + description.producerEpoch();
  }

  /** Offset of the first record that a topic's one partition still has. */
  public long beginning(String topic) {
    return offset(topic, OffsetSpec.earliest());
  }

  /** Offset after the last record of a topic's one partition, committed or not. */
  public long end(String topic) {
    return offset(topic, OffsetSpec.latest());
  }

  private long offset(String topic, OffsetSpec which) {
    var partition = new TopicPartition(topic, 0);
    return answer(admin().listOffsets(Map.of(partition, which)).partitionResult(partition))
        .offset();
  }

  /** The offset that a group has committed for a topic's one partition; empty if none. */
  public OptionalLong committed(String group, String topic) {
    // Stable: what an open transaction may still commit is waited for. Until it has ended, the
    // client leaves the partition out of its answer, where one without an offset has null.
    var partition = new TopicPartition(topic, 0);
    var asked =
        Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(partition)));
    var options = new ListConsumerGroupOffsetsOptions().requireStable(true);
    long until = System.nanoTime() + OPEN_TRANSACTION_NANOS;
    while (System.nanoTime() < until) {
      Map<TopicPartition, OffsetAndMetadata> offsets =
          answer(
              admin()
                  .listConsumerGroupOffsets(asked, options)
                  .partitionsToOffsetAndMetadata(group));
      if (offsets.containsKey(partition)) {
        OffsetAndMetadata offset = offsets.get(partition);
        return offset == null ? OptionalLong.empty() : OptionalLong.of(offset.offset());
      }
      LockSupport.parkNanos(OPEN_TRANSACTION_PAUSE_NANOS);
    }
    throw new KafkaException(
        "group " + group + ": an open transaction does not end that commits an offset of " + topic);
  }

  /**
   * Sees to it that topics are there and as they must be.
   *
   * @param create whether to create what is missing
   * @throws TopicFaultsException all faults at once, each with the command that mends it
   * @throws KafkaException if the cluster does not answer
   */
  public void requireTopics(List<TopicSpec> topics, boolean create) {
    new TopicCheck(admin(), tools()).require(topics, create);
  }

  /**
   * Sees to it that a transaction can never be ended by a message that was meant for an earlier one
   * (KIP-890), without which a killed learner's last commit could tear its successor's.
   *
   * @throws TopicFaultsException if not, with the command that mends it
   * @throws KafkaException if the cluster does not answer
   */
  public void requireTransactions() {
    var features =
        answer(
            admin()
                .describeFeatures(new DescribeFeaturesOptions().timeoutMs(5_000))
                .featureMetadata());
    var range = features.finalizedFeatures().get(TRANSACTION_VERSION);
    int level = range == null ? 0 : range.maxVersionLevel();
    if (level < 2) {
      throw new TopicFaultsException(
          List.of(
              "the cluster's "
                  + TRANSACTION_VERSION
                  + " is "
                  + level
                  + ", expected 2 or higher: kafka-features.sh"
                  + tools()
                  + " upgrade --feature "
                  + TRANSACTION_VERSION
                  + "=2"));
    }
  }

  /** What Kafka's command line tools need to reach the cluster as this process does. */
  private String tools() {
    Object protocol = properties.getOrDefault("security.protocol", "PLAINTEXT");
    return " --bootstrap-server "
        + servers
        + (protocol.equals("PLAINTEXT") ? "" : " --command-config client.properties");
  }

  private void probe() {
    try {
      var options = new DescribeClusterOptions().timeoutMs(PROBE_MILLIS);
      away = answer(admin().describeCluster(options).nodes()).isEmpty();
    } catch (KafkaException e) {
      away = true;
    }
  }

  private synchronized Admin admin() {
    if (closed) {
      throw new KafkaException("closed");
    }
    Admin client = admin;
    if (client == null) {
      Map<String, Object> settings = new HashMap<>(properties);
      settings.put("default.api.timeout.ms", "10000");
      settings.put("request.timeout.ms", Integer.toString(PROBE_MILLIS));
      client = Admin.create(settings);
      admin = client;
    }
    return client;
  }

  /** What Kafka's client promises in the end, and its own exceptions instead of wrapped ones. */
  static <T extends @Nullable Object> T answer(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      throw known(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
  }

  /** Whether a failure is Kafka's, so that another attempt may go better. */
  public static boolean mayPass(Throwable failure) {
    return failure instanceof KafkaException;
  }

  /** Kafka's own exception instead of the wrapped one. */
  static KafkaException known(ExecutionException e) {
    return e.getCause() instanceof KafkaException known
        ? known
        : new KafkaException(String.valueOf(e.getMessage()), e);
  }

  /** Stops watching; readers and writers are closed by their owners. A second call does nothing. */
  @Override
  public void close() {
    watch.shutdownNow();
    Admin client;
    synchronized (this) {
      closed = true;
      client = admin;
    }
    if (client != null) {
      client.close(Duration.ofSeconds(1));
    }
  }
}
