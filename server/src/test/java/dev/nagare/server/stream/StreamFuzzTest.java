package dev.nagare.server.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.server.Doors;
import dev.nagare.server.FakeModel;
import dev.nagare.server.HeldMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Damaged frames: each is answered or ends its connection, and none is the server's fault. */
class StreamFuzzTest {
  private static final long SEED = 20_261_127;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What an error frame may say; of 5xx only that something is not offered, or not now. */
  private static final Set<Integer> STATUSES = Set.of(400, 404, 413, 429, 501, 503);

  private static final Set<Integer> CLOSE_CODES = Set.of(1002, 1003, 1007, 1009);

  private static final String QUESTION =
      "\"model\":\"echo\",\"request\":{\"parameters\":{\"timeout\":60000000},\"inputs\":"
          + "[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1.5,2]}]}}";

  private static final String[] GOOD = {
    "{\"type\":\"subscribe\",\"id\":\"s\",\"model\":\"pulse\",\"history\":2,\"credits\":3}",
    "{\"type\":\"subscribe\",\"model\":\"pulse\",\"after\":3}",
    "{\"type\":\"credit\",\"model\":\"pulse\",\"events\":2}",
    "{\"type\":\"unsubscribe\",\"model\":\"pulse\"}",
    "{\"type\":\"learn\",\"model\":\"echo\",\"request\":{\"inputs\":[]}}",
    "{\"type\":\"label\",\"model\":\"pulse\",\"request\":{\"id\":\"p\",\"label\":1}}",
    "{\"type\":\"infer\",\"id\":\"q\"," + QUESTION,
    "{\"type\":\"infer\",\"model\":\"echo\",\"request\":{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\","
        + "\"shape\":[1,2],\"parameters\":{\"binary_data_size\":8}}],"
        + "\"parameters\":{\"binary_data_output\":true}}}"
  };

  /** Ends a frame that says it is longer than it is: what comes after its end is no frame. */
  private static final byte[] FILLER =
      RawSocket.frame(true, RawSocket.TEXT, " ".repeat(Doors.MAX_MESSAGE_BYTES).getBytes(UTF_8));

  private final Doors doors = Doors.open();
  private final TreeMap<String, Integer> seen = new TreeMap<>();
  private RawSocket client = new RawSocket(doors);
  private boolean framesDamaged;

  @AfterEach
  void close() {
    client.close();
    doors.close();
  }

  private static int cases() {
    return switch (System.getProperty("nagare.checks", "verify")) {
      case "nightly" -> 1_000_000;
      case "ci" -> 50_000;
      default -> 1_500;
    };
  }

  @Test
  void answersEveryDamagedMessage() throws Exception {
    var random = new Random(SEED);
    fuzz("messages", SEED, random, () -> framed(random));
  }

  @Test
  void answersEveryDamagedFrame() throws Exception {
    var random = new Random(SEED + 1);
    framesDamaged = true;
    fuzz(
        "frames",
        SEED + 1,
        random,
        () -> {
          byte[] frame = framed(random);
          frame[random.nextInt(6)] = (byte) random.nextInt(256);
          return frame;
        });
  }

  private interface Cases {
    byte[] next();
  }

  private void fuzz(String what, long seed, Random random, Cases cases) throws Exception {
    for (int number = 1; number <= 5; number++) {
      doors.model.emit(FakeModel.event(number));
    }
    int count = cases();
    var memory = new HeldMemory(count);
    for (int i = 0; i < count; i++) {
      memory.before(i);
      byte[] bytes = cases.next();
      client.write(bytes);
      if (saysItIsLonger(bytes)) {
        client.write(FILLER);
      }
      client.sendText("{\"type\":\"?\",\"id\":\"mark " + i + "\"}");
      readTo(
          "mark " + i,
          "case %d of seed %d: %s".formatted(i, seed, HexFormat.of().formatHex(bytes)));
      if (random.nextInt(500) == 0) {
        reconnect(); // in the middle of whatever it was
      }
    }
    System.out.println("WebSocket fuzz: " + count + " " + what + ", answers " + seen);
    reconnect();
    client.sendText("{\"type\":\"infer\",\"id\":\"end\"," + QUESTION);
    readTo("end", "the end");
    client.close();
    await().until(() -> doors.get("/metrics").body().contains("nagare_stream_sockets 0.0"));
    assertThat(doors.requests.usedBytes()).isZero();
    await().until(() -> doors.serving.drain().toCompletableFuture().isDone());
    memory.requireFlat();
  }

  /** A text or binary message whose inside is damaged, in one frame or two. */
  private static byte[] framed(Random random) {
    byte[] json = GOOD[random.nextInt(GOOD.length)].getBytes(UTF_8);
    for (int damage = random.nextInt(4); damage > 0; damage--) {
      json = damaged(json, random);
    }
    if (random.nextInt(3) > 0) {
      return frames(RawSocket.TEXT, json, random);
    }
    byte[] tensors = new byte[random.nextInt(3) == 0 ? random.nextInt(20) : 8];
    random.nextBytes(tensors);
    int length = random.nextInt(4) == 0 ? random.nextInt() >>> random.nextInt(32) : json.length;
    ByteBuffer message =
        ByteBuffer.allocate(4 + json.length + tensors.length).order(ByteOrder.LITTLE_ENDIAN);
    message.putInt(length).put(json).put(tensors);
    return frames(RawSocket.BINARY, message.array(), random);
  }

  private static byte[] frames(int opcode, byte[] message, Random random) {
    if (random.nextInt(4) > 0) {
      return RawSocket.frame(true, opcode, message);
    }
    int cut = random.nextInt(message.length + 1);
    byte[] first = RawSocket.frame(false, opcode, Arrays.copyOf(message, cut));
    byte[] rest =
        RawSocket.frame(
            true, RawSocket.CONTINUATION, Arrays.copyOfRange(message, cut, message.length));
    byte[] both = Arrays.copyOf(first, first.length + rest.length);
    System.arraycopy(rest, 0, both, first.length, rest.length);
    return both;
  }

  private static byte[] damaged(byte[] bytes, Random random) {
    if (bytes.length == 0) {
      return bytes;
    }
    int at = random.nextInt(bytes.length);
    int length = Math.min(1 + random.nextInt(8), bytes.length - at);
    switch (random.nextInt(6)) {
      case 0 -> bytes[at] = (byte) random.nextInt(256);
      case 1 -> bytes[at] = (byte) (' ' + random.nextInt(95));
      case 2 -> bytes[at] = (byte) ('0' + random.nextInt(10));
      case 3 ->
          System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
      case 4 -> {
        return Arrays.copyOf(bytes, at);
      }
      default -> Arrays.fill(bytes, at, at + length, (byte) '9');
    }
    return bytes;
  }

  /** Whether the server may wait for more of a frame than there is. */
  private static boolean saysItIsLonger(byte[] bytes) {
    ByteBuffer rest = ByteBuffer.wrap(bytes);
    while (rest.hasRemaining()) {
      if (rest.remaining() < 2) {
        return true;
      }
      rest.get();
      int second = rest.get() & 0xff;
      long length = second & 0x7f;
      if (length > 125) {
        int bytesOfLength = length == 126 ? Short.BYTES : Long.BYTES;
        if (rest.remaining() < bytesOfLength) {
          return true;
        }
        length = length == 126 ? rest.getShort() & 0xffff : rest.getLong();
      }
      long mask = (second & 0x80) == 0 ? 0 : Integer.BYTES;
      if (length < 0 || length > rest.remaining() - mask) {
        return true;
      }
      rest.position(rest.position() + (int) (mask + length));
    }
    return false;
  }

  /** Reads until the mark is answered or the connection ends as it may; then there is a new one. */
  private void readTo(String mark, String told) {
    while (true) {
      RawSocket.Frame frame = read(told);
      if (frame == null) {
        // What is no frame ends the connection at once: what was on its way to the server then
        // resets it, and the close frame may be lost.
        assertThat(framesDamaged).as(told + ": the connection ended without a word").isTrue();
        seen.merge("reset", 1, Integer::sum);
        reconnect();
        return;
      }
      switch (frame.opcode()) {
        case RawSocket.TEXT -> {
          JsonNode json = json(frame);
          count(json, told);
          if (json.path("id").asText().equals(mark)) {
            return;
          }
        }
        case RawSocket.CLOSE -> {
          // Its own reason, or an answer to a frame that damage made a close frame.
          int code = frame.payload().length == 0 ? 1000 : frame.closeCode();
          assertThat(code).as(told).isNotIn(1006, 1011);
          seen.merge(CLOSE_CODES.contains(code) ? "close " + code : "closed", 1, Integer::sum);
          reconnect();
          return;
        }
        case RawSocket.PING -> client.write(RawSocket.frame(true, RawSocket.PONG, frame.payload()));
        default -> {
          assertThat(frame.opcode()).as(told).isIn(RawSocket.BINARY, RawSocket.PONG);
          seen.merge("opcode " + frame.opcode(), 1, Integer::sum);
        }
      }
    }
  }

  private RawSocket.@Nullable Frame read(String told) {
    try {
      return client.read();
    } catch (UncheckedIOException e) {
      throw new AssertionError(told + ": no answer", e);
    }
  }

  private void count(JsonNode json, String told) {
    String type = json.get("type").asText();
    if (type.equals("error")) {
      int status = json.get("status").asInt();
      assertThat(STATUSES).as("%s: %s", told, json).contains(status);
      type = Integer.toString(status);
    }
    seen.merge(type, 1, Integer::sum);
  }

  private void reconnect() {
    client.abort();
    client = new RawSocket(doors);
  }

  private static JsonNode json(RawSocket.Frame frame) {
    try {
      return JSON.readTree(frame.payload());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
