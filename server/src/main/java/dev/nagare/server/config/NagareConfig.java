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
 * @param streaming lanes, topics and models
 * @param settings every value in use with its origin, in reading order
 */
public record NagareConfig(
    ServerConfig server,
    SecurityConfig security,
    StreamingConfig streaming,
    List<Setting> settings) {

  /**
   * Reads the configuration. A variable wins over the file, the file over the default.
   *
   * @param file YAML; null for variables and defaults alone
   * @param environment of which only {@code NAGARE_*} counts
   * @throws ConfigException that lists every fault
   */
  public static NagareConfig read(@Nullable Path file, Map<String, String> environment) {
    String name = file == null ? "defaults" : file.toString();
    var reading = new Reading(name, environment);
    var root = new Section(reading, "", YamlNode.parse(name, file == null ? "" : content(file)));
    ServerConfig server = ServerConfig.read(root.section("server"));
    SecurityConfig security = SecurityConfig.read(root, server);
    StreamingConfig streaming = StreamingSections.read(root);
    root.end();
    return new NagareConfig(server, security, streaming, reading.end());
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
