package dev.nagare.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.Doors;
import dev.nagare.server.HeldMemory;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Damaged calls: each is answered, and none is the server's fault. */
class HttpFuzzTest {
  private static final long SEED = 20_261_128;
  private static final int PATIENCE_MILLIS = 20_000;

  private static final String JSON =
      "{\"id\":\"a\",\"parameters\":{\"timeout\":60000000},\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\","
          + "\"shape\":[1,2],\"data\":[[1.5,2e3]]}],\"outputs\":[{\"name\":\"x\",\"parameters\":{\"classification\":1}}]}";
  private static final String BINARY =
      "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"INT64\",\"shape\":[1,2],\"parameters\":{\"binary_data_size\":16}}],"
          + "\"parameters\":{\"binary_data_output\":true}}";

  /** What is answered if damage made the first call longer than it is. */
  private static final byte[] FILLER =
      "GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n"
          .repeat(2 + Doors.MAX_BODY_BYTES / 40)
          .getBytes(ISO_8859_1);

  private final Doors doors = Doors.open();
  private final TreeMap<Integer, Integer> seen = new TreeMap<>();

  @AfterEach
  void close() {
    doors.close();
  }

  private static int cases() {
    return switch (System.getProperty("nagare.checks", "verify")) {
      case "nightly" -> 1_000_000;
      case "ci" -> 50_000;
      default -> 1_500;
    };
  }

  /** One connection, on which call after call is answered, whatever its body. */
  @Test
  void answersEveryDamagedBody() throws Exception {
    var random = new Random(SEED);
    int count = cases();
    var memory = new HeldMemory(count);
    try (Socket socket = connected()) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (int i = 0; i < count; i++) {
        memory.before(i);
        byte[] call = call(random, true);
        socket.getOutputStream().write(call);
        int status = answer(in, told(i, SEED, call));
        assertAnswer(status, told(i, SEED, call));
      }
    }
    end("bodies", count, memory);
  }

  /** A connection for each, since nobody knows where the call ends for the server. */
  @Test
  void answersEveryDamagedHead() throws Exception {
    var random = new Random(SEED + 1);
    int count = cases() / 5;
    var memory = new HeldMemory(count);
    for (int i = 0; i < count; i++) {
      memory.before(i);
      byte[] call = call(random, false);
      for (int damage = 1 + random.nextInt(3); damage > 0; damage--) {
        call = damaged(call, random, Math.min(call.length, 300));
      }
      String told = told(i, SEED + 1, call);
      try (Socket socket = connected()) {
        socket.setSoLinger(true, 0); // or the port would be held for a minute
        try {
          socket.getOutputStream().write(call);
          socket.getOutputStream().write(FILLER);
        } catch (SocketException e) {
          // refused and closed before it had all; reading will tell
        }
        assertAnswer(answer(new BufferedInputStream(socket.getInputStream()), told), told);
      }
    }
    end("heads", count, memory);
  }

  private void end(String what, int count, HeldMemory memory) throws Exception {
    System.out.println("HTTP fuzz: " + count + " " + what + ", answers by status " + seen);
    assertThat(doors.get("/v2/health/ready").statusCode()).isEqualTo(200);
    await().until(() -> doors.requests.usedBytes() == 0);
    await().until(() -> doors.serving.drain().toCompletableFuture().isDone());
    memory.requireFlat();
  }

  private void assertAnswer(int status, String told) {
    assertThat(status < 500 || status == 501 || status == 503).as("%s: %d", told, status).isTrue();
    seen.merge(status, 1, Integer::sum);
  }

  private static String told(int number, long seed, byte[] call) {
    return "case %d of seed %d: %s".formatted(number, seed, HexFormat.of().formatHex(call));
  }

  private Socket connected() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), doors.port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static byte[] call(Random random, boolean damage) throws IOException {
    String path =
        switch (random.nextInt(10)) {
          case 0 -> "/v2/models/echo/learn";
          case 1 -> "/v2/models/echo/labels";
          case 2 -> "/v2/models/pulse/rollback";
          case 3 -> "/v2/repository/index";
          case 4 -> "/v2/repository/models/echo/load";
          case 5 -> "/v2/models/pulse/infer";
          default -> "/v2/models/echo/infer";
        };
    String headers = "";
    byte[] body;
    if (random.nextInt(3) == 0) {
      byte[] json = BINARY.getBytes(UTF_8);
      byte[] tensors = new byte[random.nextInt(5) == 0 ? random.nextInt(40) : 16];
      random.nextBytes(tensors);
      body = Arrays.copyOf(json, json.length + tensors.length);
      System.arraycopy(tensors, 0, body, json.length, tensors.length);
      int length = random.nextInt(6) == 0 ? random.nextInt(body.length + 10) : json.length;
      headers = "Inference-Header-Content-Length: " + length + "\r\n";
    } else {
      body = JSON.getBytes(UTF_8);
    }
    for (int times = damage ? random.nextInt(4) : 0; times > 0; times--) {
      body = damaged(body, random, body.length);
    }
    if (random.nextInt(5) == 0) {
      headers += "Content-Encoding: gzip\r\n";
      body = gzip(body);
      if (damage && random.nextBoolean()) {
        body = damaged(body, random, body.length);
      }
    }
    String head =
        "POST "
            + path
            + " HTTP/1.1\r\nHost: localhost\r\n"
            + headers
            + framing(random, body.length);
    byte[] call = Arrays.copyOf(head.getBytes(ISO_8859_1), head.length() + body.length);
    System.arraycopy(body, 0, call, head.length(), body.length);
    return head.contains("chunked") ? joined(call, "\r\n0\r\n\r\n".getBytes(ISO_8859_1)) : call;
  }

  private static String framing(Random random, int length) {
    if (length > 0 && random.nextInt(5) == 0) {
      return "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(length) + "\r\n";
    }
    return "Content-Length: " + length + "\r\n\r\n";
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] gzip(byte[] plain) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  /** Damages something among the first bytes. */
  private static byte[] damaged(byte[] bytes, Random random, int most) {
    if (bytes.length == 0) {
      return bytes;
    }
    int at = random.nextInt(Math.min(most, bytes.length));
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

  /** Reads an answer to its end; its status, or 0 if the connection ended instead. */
  private static int answer(InputStream in, String told) throws IOException {
    int status = 100;
    try {
      while (status == 100) {
        String line = line(in);
        if (line == null) {
          return 0;
        }
        // The version is that of the call, damaged as it may be.
        assertThat(line).as(told).matches("[^ ]+ \\d{3} .*");
        int space = line.indexOf(' ');
        status = Integer.parseInt(line.substring(space + 1, space + 4));
        int length = 0;
        for (line = line(in); line != null && !line.isEmpty(); line = line(in)) {
          if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
            length = Integer.parseInt(line.substring(15).strip());
          }
        }
        in.skipNBytes(length);
      }
      return status;
    } catch (EOFException e) {
      return status; // of HEAD, say, or closed in the middle
    } catch (SocketTimeoutException e) {
      throw new AssertionError(told + ": no answer", e);
    } catch (SocketException e) {
      return 0; // reset: it had answered and closed before it had read all
    }
  }

  private static @Nullable String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        return null;
      }
      line.append((char) b);
    }
    return line.toString().strip();
  }
}
