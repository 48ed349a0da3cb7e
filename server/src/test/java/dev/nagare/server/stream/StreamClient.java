package dev.nagare.server.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.Doors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A client of {@code /v2/stream} that can stop reading. */
public final class StreamClient implements WebSocket.Listener, AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  final BlockingQueue<JsonNode> frames = new LinkedBlockingQueue<>();
  final BlockingQueue<byte[]> binaries = new LinkedBlockingQueue<>();
  final CompletableFuture<Integer> closed = new CompletableFuture<>();
  final WebSocket socket;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final StringBuilder text = new StringBuilder();
  volatile boolean reading = true;
  final AtomicLong missed = new AtomicLong();

  StreamClient(Doors doors, @Nullable String subprotocol, String... header) {
    this(doors.client, doors.port(), subprotocol, header);
  }

  /** Connects; a header is a name and a value. */
  public StreamClient(HttpClient client, int port, @Nullable String subprotocol, String... header) {
    var builder = client.newWebSocketBuilder();
    if (subprotocol != null) {
      builder.subprotocols(subprotocol);
    }
    if (header.length > 0) {
      builder.header(header[0], header[1]);
    }
    socket = builder.buildAsync(URI.create("ws://127.0.0.1:" + port + "/v2/stream"), this).join();
  }

  void send(String frame) {
    socket.sendText(frame, true).join();
  }

  /** Sends a frame; single quotes stand for double ones. */
  public void say(String frame) {
    send(frame.replace('\'', '"'));
  }

  void read() {
    reading = true;
    socket.request(1);
  }

  JsonNode next() {
    try {
      JsonNode frame = frames.poll(20, TimeUnit.SECONDS);
      assertThat(frame).as("a frame within 20 s").isNotNull();
      return frame;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  byte[] nextBinary() {
    try {
      byte[] message = binaries.poll(20, TimeUnit.SECONDS);
      assertThat(message).as("a binary message within 20 s").isNotNull();
      return message;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Is refused like that. */
  void refused(String frame, int status, String sentence) {
    say(frame);
    JsonNode refusal = next("error");
    assertThat(refusal.get("status").asInt()).as(frame).isEqualTo(status);
    assertThat(refusal.get("error").asText()).contains(sentence);
  }

  /** The next frame of a type, which comes within twenty seconds. */
  public JsonNode next(String type) {
    JsonNode frame = next();
    while (!frame.get("type").asText().equals(type)) {
      frame = next();
    }
    return frame;
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    text.append(data);
    if (last) {
      try {
        JsonNode frame = JSON.readTree(text.toString());
        missed.addAndGet(frame.path("missed").asLong());
        frames.add(frame);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      text.setLength(0);
    }
    if (reading) {
      webSocket.request(1);
    }
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket webSocket, ByteBuffer data, boolean last) {
    byte[] part = new byte[data.remaining()];
    data.get(part);
    bytes.writeBytes(part);
    if (last) {
      binaries.add(bytes.toByteArray());
      bytes.reset();
    }
    if (reading) {
      webSocket.request(1);
    }
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket webSocket, int status, String reason) {
    closed.complete(status);
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    closed.complete(1006);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
