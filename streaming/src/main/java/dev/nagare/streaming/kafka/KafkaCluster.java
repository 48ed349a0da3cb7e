package dev.nagare.streaming.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeFeaturesOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.jspecify.annotations.Nullable;

/**
 * A Kafka cluster, which need not be there yet: its topics, its readers and writers, and whether it
 * answers.
 *
 * <p>Safe for any thread.
 */
public final class KafkaCluster implements AutoCloseable {
  private static final String TRANSACTION_VERSION = "transaction.version";
  private static final int PROBE_MILLIS = 1_500;
  private static final Duration PROBE_EVERY = Duration.ofSeconds(2);

  private final Map<String, Object> properties;
  private final String servers;
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("nagare-kafka-watch").factory());
  private @Nullable Admin admin;
  private boolean closed;
  private volatile boolean away;

  /**
   * Begins to watch the cluster.
   *
   * @param properties client properties as Kafka names them
   * @throws IllegalArgumentException if {@code bootstrap.servers} is missing
   */
  public KafkaCluster(Map<String, String> properties) {
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

  /** A reader of one partition. */
  public TopicReader reader(String topic, int partition) {
    Map<String, Object> settings = new HashMap<>(properties);
    settings.put("enable.auto.commit", "false");
    settings.put("auto.offset.reset", "none");
    settings.put("isolation.level", "read_committed");
    return new TopicReader(settings, topic, partition);
  }

  /** A writer with a producer of its own. */
  public TopicWriter writer(String name) {
    Map<String, Object> settings = new HashMap<>(properties);
    settings.put("acks", "all");
    settings.put("enable.idempotence", "true");
    // With more, a new partition may accept the second request before the first, and refuses that
    // one as out of order for ever.
    settings.put("max.in.flight.requests.per.connection", "1");
    // Tried for ever, in bounded memory: whoever writes waits for acknowledgements.
    settings.put("delivery.timeout.ms", Integer.toString(Integer.MAX_VALUE));
    settings.put("max.block.ms", "1000");
    settings.putIfAbsent("buffer.memory", "8388608");
    return new TopicWriter(settings, name);
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
      throw e.getCause() instanceof KafkaException known
          ? known
          : new KafkaException(String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new KafkaException("interrupted", e);
    }
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
