package dev.nagare.server.config;

import dev.nagare.streaming.Delivery;
import dev.nagare.streaming.Role;
import dev.nagare.streaming.StreamingConfig.Kafka;
import dev.nagare.streaming.StreamingConfig.Topics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The section {@code kafka}. */
final class KafkaSection {
  private static final String NAME = "[A-Za-z0-9._-]{1,200}";
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

  private static final Key TOPICS =
      Key.of(
          "topics",
          "what to do about missing topics: `verify` names them with the commands that"
              + " create them, `create` creates them");
  private static final Key ROLE =
      Key.of(
          "role",
          "`all` learns if no other process does; `scorer` answers only; `learner` ends"
              + " with exit code 75 when another process has taken over."
              + " [Roles](kafka.md#roles)");
  private static final Key INSTANCE =
      Key.of(
              "instance",
              "the process's name in Kafka's groups: its own, and the same after a restart")
          .usually("the name of the machine");
  private static final Key DELIVERY =
      Key.of(
          "delivery",
          "`exactly-once`: outputs and offsets are one transaction; `at-least-once`: a kill may repeat"
              + " outputs and never loses one, and each costs less."
              + " [Delivery](exactly-once.md)");
  private static final Key PROPERTIES =
      Key.of(
              "properties",
              "client properties as Kafka names them; `bootstrap.servers` is needed. Those"
                  + " that exactly-once learning rests on, and those that load code, are errors:"
                  + " [Kafka](kafka.md#client-properties)")
          .usually("required");

  private KafkaSection() {}

  static Kafka read(Section in) {
    Topics topics = in.choice(TOPICS, Topics.VERIFY);
    Role role = in.choice(ROLE, Role.ALL);
    String instance =
        in.matching(
            INSTANCE,
            hostName(),
            "a name of letters, digits, '.', '_' and '-' that no other process of the group has",
            NAME);
    Delivery delivery = in.choice(DELIVERY, Delivery.EXACTLY_ONCE);
    Map<String, String> properties = in.open(PROPERTIES, ClientProperties::fault);
    if (properties.getOrDefault("bootstrap.servers", "").isBlank()) {
      in.fault(
          PROPERTIES,
          "expected bootstrap.servers, such as \"127.0.0.1:9092\", got none; leave the section kafka"
              + " out for a server without Kafka");
    }
    in.end();
    return new Kafka(Map.copyOf(properties), topics, role, instance, delivery);
  }

  /** As the kernel has it; a name server is asked only where there is no such kernel. */
  private static String hostName() {
    String name;
    try {
      name = Files.readString(HOST_NAME).strip();
    } catch (IOException e) {
      name = resolvedName();
    }
    return name.matches(NAME) ? name : "nagare";
  }

  private static String resolvedName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "nagare"; // a machine without a name
    }
  }
}
