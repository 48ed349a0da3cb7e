package dev.nagare.server.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.Doors;
import dev.nagare.server.LargeModel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What answers take until their callers have read them, and that it is given back. */
class AnswerMemoryTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String PATH = "/v2/models/large/infer";

  /** Far more than the sockets of both sides hold of an answer. */
  private static final int ROWS = 8;

  private static final long MEMORY = 8L * ROWS * LargeModel.ROW_BYTES;

  private final Doors doors = Doors.open(MEMORY, Doors.MOST_SOCKETS);

  @AfterEach
  void everythingIsGivenBack() {
    await().atMost(LONG).until(() -> doors.budget.taken() == 0);
    doors.close();
  }

  @Test
  void slowReadersTakeNoMoreThanThereIsAndOthersAreToldToComeAgain() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 1; i < 8; i++) {
        slow.add(asking());
        long taken = (long) i * ROWS * LargeModel.ROW_BYTES;
        await().atMost(LONG).until(() -> doors.budget.taken() > taken); // with its JSON
      }
      HttpResponse<String> refused = doors.post(PATH, LargeModel.question(ROWS, true));
      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(refused.body()).contains("server.memory-bytes");
      assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
      assertThat(doors.budget.taken()).isLessThanOrEqualTo(MEMORY);
      assertThat(doors.get("/metrics").body())
          .contains("nagare_refused_bodies_total{door=\"answer\",reason=\"memory\"} 1.0");
      assertThat(doors.post(PATH, LargeModel.question(1, true)).statusCode()).isEqualTo(200);
      byte[] rest = slow.getFirst().getInputStream().readNBytes(ROWS * LargeModel.ROW_BYTES);
      assertThat(rest).hasSize(ROWS * LargeModel.ROW_BYTES);
      await().atMost(LONG).until(() -> doors.budget.taken() < 7L * ROWS * LargeModel.ROW_BYTES);
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
    await().atMost(LONG).until(() -> doors.budget.taken() == 0);
    assertThat(doors.post(PATH, LargeModel.question(ROWS, true)).statusCode()).isEqualTo(200);
  }

  @Test
  void anAnswerThatCanNeverFitIsRefusedBeforeItIsComputedWithTheRemedy() throws Exception {
    HttpResponse<String> bytes = doors.post(PATH, LargeModel.question(65, true));
    assertThat(bytes.statusCode()).isEqualTo(413);
    assertThat(bytes.body())
        .contains(
            "at most " + MEMORY + " bytes (server.memory-bytes)",
            "could take " + 65 * LargeModel.ROW_BYTES,
            "fewer rows")
        .doesNotContain("binary_data");
    HttpResponse<String> json = doors.post(PATH, LargeModel.question(20, false));
    assertThat(json.statusCode()).isEqualTo(413);
    assertThat(json.body()).contains("tensors as bytes (binary_data: true)");
    assertThat(doors.post(PATH, LargeModel.question(20, true)).statusCode()).isEqualTo(200);
  }

  @Test
  void whatJsonTakesIsWhatItTurnedOutToBe() throws Exception {
    var slow = new Socket(InetAddress.getLoopbackAddress(), doors.port());
    ask(slow, LargeModel.question(12, false)); // zeros, of which each takes four bytes
    long most = 12L * LargeModel.ROW_BYTES + 1000;
    await().atMost(LONG).until(() -> doors.budget.taken() > 1000 && doors.budget.taken() < most);
    slow.close();
  }

  @Test
  void anAnswerThatWasCompressedIsGivenBack() throws Exception {
    HttpResponse<String> zipped =
        doors.post(PATH, LargeModel.question(1, true), "Accept-Encoding", "gzip");
    assertThat(zipped.headers().firstValue("Content-Encoding")).hasValue("gzip");
  }

  private Socket asking() throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(16 << 10);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), doors.port()));
    ask(socket, LargeModel.question(ROWS, true));
    return socket;
  }

  private static void ask(Socket socket, String question) throws IOException {
    String head =
        "POST " + PATH + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + question.length();
    socket.getOutputStream().write((head + "\r\n\r\n" + question).getBytes(US_ASCII));
    socket.getOutputStream().flush();
  }
}
