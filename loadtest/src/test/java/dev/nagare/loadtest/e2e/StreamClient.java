package dev.nagare.loadtest.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A caller of {@code /v2/stream}; keeps the last frame of each type. */
final class StreamClient implements WebSocket.Listener, AutoCloseable {
  private final Map<String, JsonNode> lastByType = new ConcurrentHashMap<>();
  private final StringBuilder partial = new StringBuilder();
  private @Nullable WebSocket socket;

  static StreamClient open(Stack stack) {
    var client = new StreamClient();
    client.socket =
        stack
            .http
            .newWebSocketBuilder()
            .buildAsync(URI.create("ws://127.0.0.1:" + stack.port + "/v2/stream"), client)
            .join();
    return client;
  }

  void send(String frame) {
    java.util.Objects.requireNonNull(socket).sendText(frame, true).join();
  }

  /** The last event, or a missing node. */
  JsonNode lastEvent() {
    return lastByType.getOrDefault("event", MissingNode.getInstance());
  }

  JsonNode awaitFrame(String type) {
    return Awaitility.await("frame " + type)
        .atMost(Stack.PATIENCE)
        .until(() -> lastByType.get(type), frame -> frame != null);
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence text, boolean last) {
    partial.append(text);
    if (last) {
      try {
        JsonNode frame = Stack.json(partial.toString());
        lastByType.put(frame.path("type").asText(), frame);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } finally {
        partial.setLength(0);
      }
    }
    from.request(1);
    return null;
  }

  @Override
  public void close() {
    java.util.Objects.requireNonNull(socket).abort();
  }
}
