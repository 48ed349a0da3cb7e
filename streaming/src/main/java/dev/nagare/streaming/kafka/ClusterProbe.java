package dev.nagare.streaming.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * What a Kafka cluster says of itself, for a person who asks whether it can be reached.
 *
 * @param brokers that are up
 * @param topics names, in order, internal topics left out
 * @param problem why the cluster could not be asked; empty if it could
 */
public record ClusterProbe(int brokers, Set<String> topics, Optional<String> problem) {

  /**
   * Asks the cluster.
   *
   * @param properties as Kafka names them, {@code bootstrap.servers} among them
   * @param patience after which it counts as unreachable
   */
  public static ClusterProbe ask(Map<String, String> properties, Duration patience)
      throws InterruptedException {
    var settings = new HashMap<String, Object>(properties);
    int millis = (int) patience.toMillis();
    settings.put("client.id", "nagare-doctor");
    settings.put("request.timeout.ms", millis);
    settings.put("default.api.timeout.ms", millis);
    try (var admin = Admin.create(settings)) {
      int brokers = admin.describeCluster().nodes().get().size();
      return new ClusterProbe(
          brokers, new TreeSet<>(admin.listTopics().names().get()), Optional.empty());
    } catch (ExecutionException | KafkaException e) {
      // Kafka's own exceptions say little ("Failed to create new KafkaAdminClient"); causes say
      // why.
      Throwable reason = e.getCause() == null ? e : e.getCause();
      return failed(
          reason instanceof TimeoutException
              ? "no answer within " + patience.toSeconds() + " s"
              : String.valueOf(reason.getMessage()));
    }
  }

  private static ClusterProbe failed(String reason) {
    return new ClusterProbe(0, Set.of(), Optional.of(reason));
  }
}
