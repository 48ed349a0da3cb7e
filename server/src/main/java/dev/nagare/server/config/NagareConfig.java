package dev.nagare.server.config;

import dev.nagare.streaming.StreamingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is configured before the start.
 *
 * @param server the listeners
 * @param security tokens and TLS
 * @param drain how a server stops
 * @param logging how the log is written
 * @param tracing where spans go
 * @param processing pictures and texts
 * @param streaming lanes, topics and models
 * @param settings every value in use with its origin, in reading order
 */
public record NagareConfig(
    ServerConfig server,
    SecurityConfig security,
    DrainConfig drain,
    LoggingConfig logging,
    TracingConfig tracing,
    ProcessingConfig processing,
    StreamingConfig streaming,
    List<Setting> settings) {

  private static final Key SERVER = Key.of("server", "The listeners");
  private static final Key DRAIN =
      Key.of("drain", "How a server stops. [Start and stop](operations.md#start-and-stop)");
  private static final Key LOGGING = Key.of("logging", "The log. [The log](operations.md#the-log)");
  private static final Key TRACING =
      Key.of("tracing", "Spans of OpenTelemetry. [Traces](operations.md#traces)");
  private static final Key PROCESSING =
      Key.of(
          "processing",
          "Pictures and texts before they are requests."
              + " [Before and after a model](pre-and-post-processing.md)");

  /**
   * Reads the configuration. A variable wins over the file, the file over the default.
   *
   * @param file YAML; null for variables and defaults alone
   * @param environment of which only {@code NAGARE_*} counts
   * @throws ConfigException that lists every fault
   */
  public static NagareConfig read(@Nullable Path file, Map<String, String> environment) {
    String name = file == null ? "defaults" : file.toString();
    return read(new Reading(name, environment), file == null ? "" : content(file));
  }

  /** What the reading of a file asks for, whatever is wrong with it. */
  static List<Reading.Declared> declared(String content) {
    var reading = new Reading("specimen", Map.of());
    try {
      read(reading, content);
    } catch (ConfigException e) {
      // Nobody is to start with it.
    }
    return reading.declared();
  }

  private static NagareConfig read(Reading reading, String content) {
    var root = new Section(reading, "", YamlNode.parse(reading.file(), content));
    ServerConfig server = ServerConfig.read(root.section(SERVER));
    SecurityConfig security = SecurityConfig.read(root, server);
    DrainConfig drain = DrainConfig.read(root.section(DRAIN), server);
    LoggingConfig logging = LoggingConfig.read(root.section(LOGGING));
    TracingConfig tracing = TracingConfig.read(root.section(TRACING));
    ProcessingConfig processing = ProcessingConfig.read(root.section(PROCESSING));
    StreamingConfig streaming = StreamingSections.read(root);
    root.end();
    return new NagareConfig(
        server, security, drain, logging, tracing, processing, streaming, reading.end());
  }

  /** One line per setting: path, value, origin. */
  public String printed() {
    int path = settings.stream().mapToInt(s -> s.path().length()).max().orElse(0);
    int value =
        settings.stream().mapToInt(s -> s.value().length()).filter(n -> n <= 40).max().orElse(0);
    var text = new StringBuilder();
    for (Setting setting : settings) {
      text.append(pad(setting.path(), path))
          .append("  ")
          .append(pad(setting.value(), value))
          .append("  ")
          .append(setting.origin())
          .append('\n');
    }
    return text.toString();
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  private static String content(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new ConfigException(List.of(file + ": there is no such file; --config names another"));
    } catch (IOException e) {
      throw new ConfigException(List.of(file + ": cannot be read: " + e));
    }
  }
}
