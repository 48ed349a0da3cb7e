package dev.nagare.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.nagare.server.metrics.Exposition;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What connections have, and how many there are. */
class GrpcConnectionsTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void whatConnectionsHaveIsShownUntilTheyEnd() {
    GrpcDoors doors = GrpcDoors.open();
    try {
      doors.infer(GrpcDoors.request());
      assertThat(shown(doors)).isBetween(64L << 10, 4L << 20);
      doors.client.close();
      await().atMost(LONG).until(() -> shown(doors) == 0);
    } finally {
      doors.close();
    }
  }

  @Test
  void connectionsThatSayNothingAreLimitedToo() throws Exception {
    List<Socket> silent = new ArrayList<>();
    GrpcDoors doors = GrpcDoors.open(1 << 20, 3);
    try {
      for (int i = 0; i < 5; i++) {
        silent.add(new Socket(InetAddress.getLoopbackAddress(), doors.port));
      }
      await()
          .atMost(LONG)
          .until(
              () ->
                  doors
                      .metricsPage()
                      .contains(
                          "nagare_refused_connections_total{door=\"grpc\",reason=\"too-many\"}"
                              + " 2.0"));
      for (Socket socket : silent) {
        socket.close();
      }
      await()
          .atMost(LONG)
          .until(() -> doors.metricsPage().contains("nagare_connections{door=\"grpc\"} 0.0"));
      assertThat(doors.infer(GrpcDoors.request()).getModelName()).isEqualTo("pulse");
    } finally {
      doors.close();
    }
  }

  private static long shown(GrpcDoors doors) {
    String name = "\nnagare_http2_window_bytes ";
    String page = new String(doors.metrics.page(Exposition.TEXT), StandardCharsets.UTF_8);
    String rest = page.substring(page.indexOf(name) + name.length());
    return (long) Double.parseDouble(rest.substring(0, rest.indexOf('\n')));
  }
}
