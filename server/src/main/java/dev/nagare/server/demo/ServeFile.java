package dev.nagare.server.demo;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The start-up file of the demo's server.
 *
 * @param port of HTTP and WebSocket
 * @param grpcPort of gRPC
 * @param metricsPort of Prometheus' page
 * @param data folder of the checkpoints
 * @param bootstrapServers of Kafka
 * @param features of the rows
 * @param repository folder of the models that do not learn; null for none
 */
record ServeFile(
    int port,
    int grpcPort,
    int metricsPort,
    Path data,
    String bootstrapServers,
    List<String> features,
    @Nullable Path repository) {

  String yaml() {
    return """
    # Written by "nagare demo" at each start; a change here is lost.
    server: {host: 127.0.0.1, port: %d, grpc-port: %d, metrics-port: %d}
    auth: {anonymous: [infer, learn]} # the address that the demo prints opens the console for more
    data: %s
    kafka: {topics: create, instance: demo-%d, properties: {bootstrap.servers: %s}}
    models:
      - name: pulse
        features: [%s]
    %s"""
        .formatted(
            port,
            grpcPort,
            metricsPort,
            quoted(data.toString()),
            port,
            quoted(bootstrapServers),
            features.stream().map(ServeFile::quoted).collect(Collectors.joining(", ")),
            repository == null ? "" : "repository: " + quoted(repository.toString()) + "\n");
  }

  /** A YAML string in double quotes, whatever is in it. */
  private static String quoted(String text) {
    var out = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c == 0x7f) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
