package dev.nagare.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.Doors;
import dev.nagare.server.metrics.Exposition;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A flood of connections, most of which say nothing. */
class ConnectionsTest {
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final int MOST = 20;

  private final Doors doors = Doors.open(Doors.MEMORY_BYTES, MOST);

  @AfterEach
  void close() {
    doors.close();
  }

  @Test
  void thoseBeyondTheLimitAreClosedAtOnceAndCountedAndTheOthersStay() throws Exception {
    List<Socket> inside = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      inside.add(connected());
    }
    await().atMost(LONG).until(() -> page().contains("nagare_connections{door=\"http\"} 20.0"));
    for (int i = 0; i < 50; i++) {
      try (Socket beyond = connected()) {
        assertThat(isClosed(beyond)).isTrue();
      }
    }
    assertThat(page())
        .contains(
            "nagare_refused_connections_total{door=\"http\",reason=\"too-many\"} 50.0",
            "nagare_connections{door=\"http\"} 20.0");
    inside.removeLast().close();
    await().atMost(LONG).until(() -> page().contains("nagare_connections{door=\"http\"} 19.0"));
    assertThat(doors.get("/v2/health/live").statusCode()).isEqualTo(200);
    for (Socket socket : inside) {
      socket.close();
    }
    await().atMost(LONG).until(() -> page().contains("nagare_connections{door=\"http\"} 1.0"));
  }

  private String page() {
    return new String(doors.metrics.page(Exposition.TEXT), UTF_8);
  }

  private Socket connected() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), doors.port());
    socket.setSoTimeout((int) LONG.toMillis());
    return socket;
  }

  private static boolean isClosed(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException e) {
      return true; // reset
    }
  }
}
