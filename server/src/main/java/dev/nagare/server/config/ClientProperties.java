package dev.nagare.server.config;

import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which of Kafka's client properties the start-up file may set: all but those that the learner's
 * promises rest on and those that would load code.
 */
final class ClientProperties {
  private static final String SERIALIZATION =
      "records are bytes that Nagare reads and writes itself";
  private static final String IN_ORDER =
      "a learner's outputs are written once and in order, which needs acks=all, an idempotent"
          + " producer and one request in flight";
  private static final String IN_TIME =
      "with others like it, it bounds how long a takeover by another process takes";
  private static final String GROUP =
      "the group is that of the model, nagare-NAME, and its member the instance: set kafka.instance";

  /** Set by Nagare, and why. */
  private static final Map<String, String> FIXED =
      Map.ofEntries(
          Map.entry(
              "enable.auto.commit",
              "offsets are committed in the transaction that holds what came of the records"),
          Map.entry(
              "auto.offset.reset",
              "it is none: a learner whose records are gone must say so, not skip them"),
          Map.entry(
              "isolation.level",
              "it is read_committed: what another process took back must not be learned"),
          Map.entry(
              "transactional.id",
              "it is nagare-NAME for each model: whoever learns a model fences the one before"),
          Map.entry("transaction.two.phase.commit.enable", "transactions are ended by Nagare"),
          Map.entry("group.id", GROUP),
          Map.entry("group.instance.id", GROUP),
          Map.entry(
              "group.protocol",
              "it is classic: with static members a restart takes seconds instead of a minute"),
          Map.entry(
              "partition.assignment.strategy", "each model has one partition, and one learner"),
          Map.entry("acks", IN_ORDER),
          Map.entry("enable.idempotence", IN_ORDER),
          Map.entry("max.in.flight.requests.per.connection", IN_ORDER),
          Map.entry("linger.ms", "outputs are gathered in transactions, not in the producer"),
          Map.entry("session.timeout.ms", IN_TIME),
          Map.entry("heartbeat.interval.ms", IN_TIME),
          Map.entry("transaction.timeout.ms", IN_TIME),
          Map.entry("delivery.timeout.ms", IN_TIME),
          Map.entry("max.block.ms", IN_TIME),
          Map.entry("key.serializer", SERIALIZATION),
          Map.entry("value.serializer", SERIALIZATION),
          Map.entry("key.deserializer", SERIALIZATION),
          Map.entry("value.deserializer", SERIALIZATION));

  /** Name classes of Kafka's that OAuth and Kerberos need. */
  private static final Set<String> SECURITY_CLASSES =
      Set.of(
          "sasl.login.class",
          "sasl.login.callback.handler.class",
          "sasl.client.callback.handler.class",
          "sasl.oauthbearer.jwt.retriever.class",
          "sasl.oauthbearer.jwt.validator.class");

  private static final String OWN_CLASSES = "org.apache.kafka.common.security.";
  private static final Set<String> CODE =
      Set.of("metric.reporters", "interceptor.classes", "security.providers", "config.providers");

  private ClientProperties() {}

  /** What is wrong with a property; null if nothing is. Shows no value that may be a secret. */
  static @Nullable String fault(String name, String value) {
    String reason = FIXED.get(name);
    if (reason != null) {
      return "set by Nagare, leave it out: " + reason;
    }
    if (name.equals("sasl.jaas.config")) {
      return LoginModules.fault(value);
    }
    if (SECURITY_CLASSES.contains(name)) {
      return value.strip().startsWith(OWN_CLASSES)
          ? null
          : "expected a class of Kafka's own, " + OWN_CLASSES + "…, got '" + value + "'";
    }
    if (CODE.contains(name) || name.startsWith("config.providers.") || name.endsWith(".class")) {
      return "loads code into the server, leave it out; metrics stand at /metrics, secrets come from"
          + " variables such as NAGARE_KAFKA_PROPERTIES_SASL_JAAS_CONFIG";
    }
    return null;
  }
}
