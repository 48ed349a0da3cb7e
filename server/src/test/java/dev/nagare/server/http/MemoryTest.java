package dev.nagare.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.Doors;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What bodies take while they are read, and that it is given back. */
class MemoryTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String QUESTION =
      "{\"inputs\":[{\"name\":\"window\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}]}";

  private final Doors doors = Doors.open();

  @AfterEach
  void everythingIsGivenBack() {
    doors.closeOnceAllIsGivenBack();
  }

  @Test
  void bodiesThatDoNotEndTakeNoMoreThanThereIsAndOthersAreToldToComeAgain() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      while (doors.budget.taken() <= Doors.MEMORY_BYTES - 4000) {
        slow.add(begun(4000));
        long wanted = 4000L * slow.size();
        await().atMost(LONG).until(() -> doors.budget.taken() == wanted);
      }
      HttpResponse<String> refused =
          doors.post("/v2/models/pulse/infer", " ".repeat(4000) + QUESTION);
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.body()).contains("server.memory-bytes");
      assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
      assertThat(doors.get("/metrics").body())
          .contains("nagare_refused_bodies_total{door=\"http\",reason=\"memory\"} 1.0");
      assertThat(doors.budget.taken()).isEqualTo(4000L * slow.size());
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
    await().atMost(LONG).until(() -> doors.budget.taken() == 0);
    assertThat(doors.post("/v2/models/pulse/infer", QUESTION).statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsAnsweredOrRefusedTakesNothingAnyMore() throws Exception {
    var wait = doors.model.hold();
    var answer =
        doors.client.sendAsync(
            java.net.http.HttpRequest.newBuilder(doors.uri("/v2/models/pulse/infer"))
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString(QUESTION))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    await().atMost(LONG).until(() -> doors.model.inferred() == 1);
    // Its tensors are copied: the body counts no more, though the answer is still to come.
    assertThat(doors.budget.taken()).isZero();
    wait.complete(null);
    assertThat(answer.join().statusCode()).isEqualTo(200);
    assertThat(doors.post("/v2/models/pulse/infer", "no json").statusCode()).isEqualTo(400);
    assertThat(doors.post("/v2/models/pulse/labels", "{}").statusCode()).isEqualTo(501);
    assertThat(doors.post("/v2/models/pulse/infer", " ".repeat(5000)).statusCode()).isEqualTo(413);
    assertThat(doors.budget.taken()).isZero();
  }

  @Test
  void whatComesOutOfACompressedBodyCounts() throws Exception {
    byte[] zipped = zipped(new byte[100_000]);
    var budget = new ByteBudget(60_000, who -> {});
    try (ByteBudget.Share room = budget.share("http")) {
      var coded = List.of(ByteBuffer.wrap(zipped));
      assertThatThrownBy(() -> Compression.GZIP.expand(coded, bodies(1 << 20, budget), room))
          .isInstanceOfSatisfying(
              ProtocolException.class, refusal -> assertThat(refusal.status()).isEqualTo(429));
      assertThat(budget.taken()).isZero();
    }
    var enough = new ByteBudget(1 << 20, who -> {});
    try (ByteBudget.Share room = enough.share("http")) {
      List<byte[]> pieces =
          Compression.GZIP.expand(List.of(ByteBuffer.wrap(zipped)), bodies(100_000, enough), room);
      assertThat(pieces.stream().mapToInt(piece -> piece.length).sum()).isEqualTo(100_000);
      assertThat(enough.taken()).isEqualTo(100_000);
    }
    assertThat(enough.taken()).isZero();
  }

  private Bodies bodies(int mostBytes, ByteBudget budget) {
    return new Bodies(mostBytes, new CallerMemory(budget, budget.most(), doors.metrics));
  }

  /** A body of which so many bytes came, and one that does not. */
  private Socket begun(int bytes) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), doors.port());
    String head =
        "POST /v2/models/pulse/infer HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
            + (bytes + 1)
            + "\r\n\r\n";
    socket.getOutputStream().write((head + " ".repeat(bytes)).getBytes(US_ASCII));
    socket.getOutputStream().flush();
    return socket;
  }

  private static byte[] zipped(byte[] plain) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }
}
