package dev.nagare.server.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.Doors;
import dev.nagare.server.stream.StreamRoute;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Clients that are slow, silent or many: others are answered as ever, and nothing is kept. */
class HostileClientsTest {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final String BODY =
      "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,2],\"data\":[1,2]}]}";
  private static final String MANY =
      "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]}],"
          + "\"outputs\":[{\"name\":\"x\"},{\"name\":\"many\"}]}";
  private static final String UPGRADE =
      String.join(
          "\r\n",
          "GET /v2/stream HTTP/1.1",
          "Host: localhost",
          "Connection: Upgrade",
          "Upgrade: websocket",
          "Sec-WebSocket-Version: 13",
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
          "",
          "");

  @Test
  void aSlowSenderIsWaitedForAndNobodyElseIs() throws Exception {
    try (Doors doors = Doors.open();
        Socket slow = connected(doors)) {
      for (byte b : post(BODY).getBytes(ISO_8859_1)) {
        assertAnswered(doors);
        slow.getOutputStream().write(b);
      }
      assertThat(firstLine(slow)).isEqualTo("HTTP/1.1 200 OK");
    }
  }

  @Test
  void aSlowReaderIsAskedNoMoreThanItsAnswersFind() throws Exception {
    int calls = 200;
    long roomForAll = 1 << 28;
    try (Doors doors = Doors.open(roomForAll, Doors.MOST_SOCKETS);
        Socket slow = connected(doors)) {
      slow.getOutputStream().write(post(MANY).repeat(calls).getBytes(ISO_8859_1));
      await().until(() -> doors.echo.inferred() > 0);
      for (int i = 0; i < 50; i++) {
        assertAnswered(doors);
      }
      // Answers of 400 kB, of which the sockets of both sides hold a few megabytes.
      assertThat(doors.echo.inferred() - 50).isLessThan(calls / 2);
      var in = new BufferedReader(new InputStreamReader(slow.getInputStream(), ISO_8859_1));
      int answers = 0;
      char[] part = new char[1 << 16];
      var rest = new StringBuilder();
      while (answers < calls) {
        int got = in.read(part);
        assertThat(got).isPositive();
        rest.append(part, 0, got);
        for (int at = rest.indexOf("HTTP/1.1 200"); at >= 0; at = rest.indexOf("HTTP/1.1 200")) {
          answers++;
          rest.delete(0, at + 12);
        }
        rest.delete(0, Math.max(0, rest.length() - 11));
      }
      assertThat(doors.echo.inferred() - 50).isEqualTo(calls);
      await().until(() -> doors.serving.drain().toCompletableFuture().isDone());
    }
  }

  @Test
  void aFloodOfConnectionsThatSayNothingKeepsNobodyOut() throws Exception {
    List<Socket> flood = new ArrayList<>();
    try (Doors doors = Doors.open()) {
      for (int i = 0; i < 300; i++) {
        Socket socket = connected(doors);
        flood.add(socket);
        switch (i % 4) {
          case 0 -> {}
          case 1 -> socket.getOutputStream().write("POST /v2/mod".getBytes(ISO_8859_1));
          case 2 ->
              socket
                  .getOutputStream()
                  .write(post(BODY).substring(0, post(BODY).length() - 5).getBytes(ISO_8859_1));
          default -> socket.getOutputStream().write(UPGRADE.getBytes(ISO_8859_1));
        }
        if (i % 50 == 0) {
          assertAnswered(doors);
        }
      }
      await().until(() -> sockets(doors, 75));
      assertAnswered(doors);
      for (Socket socket : flood) {
        socket.close();
      }
      await().until(() -> sockets(doors, 0));
      assertAnswered(doors);
      assertThat(doors.requests.usedBytes()).isZero();
      await().until(() -> doors.serving.drain().toCompletableFuture().isDone());
    }
  }

  @Test
  void oneThatHasGoneWithoutAWordIsGivenUp() throws Exception {
    var limits = new StreamRoute.Limits(10, Doors.MAX_MESSAGE_BYTES, 100, 100);
    try (Doors doors = Doors.open(limits, 1);
        Socket silent = connected(doors);
        Socket halfHead = connected(doors);
        Socket halfBody = connected(doors);
        Socket webSocket = connected(doors)) {
      halfHead.getOutputStream().write("GET /v2 HTT".getBytes(ISO_8859_1));
      halfBody.getOutputStream().write(post(BODY).substring(0, 120).getBytes(ISO_8859_1));
      webSocket.getOutputStream().write(UPGRADE.getBytes(ISO_8859_1));
      assertThat(firstLine(webSocket)).startsWith("HTTP/1.1 101");
      for (Socket gone : List.of(silent, halfHead, halfBody, webSocket)) {
        readToTheEnd(gone); // pings it does not answer
      }
      await().until(() -> sockets(doors, 0));
      assertAnswered(doors);
      assertThat(doors.requests.usedBytes()).isZero();
    }
  }

  @Test
  void theUsualPatienceIsLongerThanTheTimeBetweenPings() {
    assertThat(StreamRoute.Limits.of(1, 1).lookMillis())
        .isLessThan(1_000L * HttpDoor.SILENT_SECONDS / 2);
  }

  private static void assertAnswered(Doors doors) throws Exception {
    assertThat(doors.post("/v2/models/echo/infer", BODY).statusCode()).isEqualTo(200);
  }

  private static boolean sockets(Doors doors, int count) throws Exception {
    return doors.get("/metrics").body().contains("nagare_stream_sockets " + count + ".0");
  }

  private static String post(String body) {
    return "POST /v2/models/echo/infer HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  @Test
  void aHostThatCannotBeReadIsRefusedAndNotLeftWithoutAnAnswer() throws Exception {
    try (var doors = Doors.open()) {
      for (String host : List.of("l%calhost", "%", "l%zzhost")) {
        try (Socket socket = connected(doors)) {
          String call = "GET /v2 HTTP/1.1\r\nHost: " + host + "\r\n\r\n";
          socket.getOutputStream().write(call.getBytes(ISO_8859_1));
          assertThat(firstLine(socket)).as(host).startsWith("HTTP/1.1 400");
        }
      }
    }
  }

  private static Socket connected(Doors doors) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), doors.port());
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  private static String firstLine(Socket socket) throws IOException {
    var line = new StringBuilder();
    for (int b = socket.getInputStream().read(); b >= 0 && b != '\r'; ) {
      line.append((char) b);
      b = socket.getInputStream().read();
    }
    return line.toString();
  }

  private static void readToTheEnd(Socket socket) throws IOException {
    byte[] part = new byte[1024];
    while (socket.getInputStream().read(part) >= 0) {}
  }
}
