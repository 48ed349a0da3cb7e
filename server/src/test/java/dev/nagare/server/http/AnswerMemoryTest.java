package dev.nagare.server.http;

import static dev.nagare.server.LargeModel.MEMORY;
import static dev.nagare.server.LargeModel.ROWS;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.Doors;
import dev.nagare.server.LargeModel;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What answers take until their callers have read them, and that it is given back. */
class AnswerMemoryTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final String PATH = "/v2/models/large/infer";

  private final Doors doors = Doors.open(MEMORY, Doors.MOST_SOCKETS);

  @AfterEach
  void everythingIsGivenBack() {
    doors.closeOnceAllIsGivenBack();
  }

  @Test
  void slowReadersTakeNoMoreThanThereIsAndOthersAreToldToComeAgain() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 1; i < 8; i++) {
        slow.add(asking(1, ROWS));
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
    HttpResponse<String> bytes = doors.post(PATH, LargeModel.question(17, true));
    assertThat(bytes.statusCode()).isEqualTo(413);
    assertThat(bytes.body())
        .contains(
            "at most " + MEMORY / 4 + " bytes (server.connection-answer-bytes)",
            "could take " + 17 * LargeModel.ROW_BYTES,
            "fewer rows")
        .doesNotContain("binary_data");
    HttpResponse<String> json = doors.post(PATH, LargeModel.question(15, false));
    assertThat(json.statusCode()).isEqualTo(413);
    assertThat(json.body()).contains("tensors as bytes (binary_data: true)");
    assertThat(doors.post(PATH, LargeModel.question(15, true)).statusCode()).isEqualTo(200);
  }

  @Test
  void whatJsonTakesIsWhatItTurnedOutToBe() throws Exception {
    try (Doors roomy = Doors.open(4 * MEMORY, Doors.MOST_SOCKETS);
        Socket slow = new Socket(InetAddress.getLoopbackAddress(), roomy.port())) {
      ask(slow, LargeModel.question(12, false)); // zeros, of which each takes four bytes
      long most = 12L * LargeModel.ROW_BYTES + 1000;
      await().atMost(LONG).until(() -> roomy.budget.taken() > 1000 && roomy.budget.taken() < most);
    }
  }

  @Test
  void anAnswerThatWasCompressedIsGivenBack() throws Exception {
    HttpResponse<String> zipped =
        doors.post(PATH, LargeModel.question(1, true), "Accept-Encoding", "gzip");
    assertThat(zipped.headers().firstValue("Content-Encoding")).hasValue("gzip");
  }

  @Test
  void aSlowReaderHasItsShareAndAQuickCallerBesideItLosesNothing() throws Exception {
    int rows = 7;
    int asked = 8;
    // Answers of HTTP/1.1 come one after the other, so that a share can be less than one of them
    // only: without it the first would leave the others no room.
    try (Socket slow = asking(1, 60)) {
      for (int i = 0; i < asked; i++) {
        ask(slow, LargeModel.question(rows, true));
      }
      await().atMost(LONG).until(() -> doors.budget.taken() > (long) rows * LargeModel.ROW_BYTES);
      for (int i = 0; i < 10; i++) {
        assertThat(doors.post(PATH, LargeModel.question(15, true)).statusCode()).isEqualTo(200);
      }
      var in = new DataInputStream(new BufferedInputStream(slow.getInputStream()));
      assertThat(Answer.read(in).status()).isEqualTo(413);
      for (int i = 0; i < asked; i++) { // what is not read holds up the next
        Answer answer = Answer.read(in);
        assertThat(answer.status()).as("answer %d", i).isEqualTo(200);
        assertThat(answer.body()).hasSizeGreaterThan(rows * LargeModel.ROW_BYTES);
      }
    }
  }

  /** What came back over a socket. */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  private record Answer(int status, byte[] body) {
    static Answer read(DataInputStream in) throws IOException {
      int status = Integer.parseInt(line(in).split(" ", -1)[1]);
      int length = 0;
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
          length = Integer.parseInt(line.substring(15).strip());
        }
      }
      return new Answer(status, in.readNBytes(length));
    }

    private static String line(DataInputStream in) throws IOException {
      var line = new StringBuilder();
      for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
        line.append((char) next);
      }
      return line.toString().strip();
    }
  }

  private Socket asking(int times, int rows) throws IOException {
    var socket = new Socket();
    socket.setReceiveBufferSize(16 << 10);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), doors.port()));
    socket.setSoTimeout((int) LONG.toMillis());
    for (int i = 0; i < times; i++) {
      ask(socket, LargeModel.question(rows, true));
    }
    return socket;
  }

  private static void ask(Socket socket, String question) throws IOException {
    String head =
        "POST " + PATH + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + question.length();
    socket.getOutputStream().write((head + "\r\n\r\n" + question).getBytes(US_ASCII));
    socket.getOutputStream().flush();
  }
}
