package dev.nagare.server.config;

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

  private KafkaSection() {}

  static Kafka read(Section in) {
    Topics topics = in.choice("topics", Topics.VERIFY);
    Role role = in.choice("role", Role.ALL);
    String instance =
        in.matching(
            "instance",
            hostName(),
            "a name of letters, digits, '.', '_' and '-' that no other process of the group has",
            NAME);
    Map<String, String> properties = in.open("properties", ClientProperties::fault);
    if (properties.getOrDefault("bootstrap.servers", "").isBlank()) {
      in.fault(
          "properties",
          "expected bootstrap.servers, such as \"127.0.0.1:9092\", got none; leave the section kafka"
              + " out for a server without Kafka");
    }
    in.end();
    return new Kafka(Map.copyOf(properties), topics, role, instance);
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
