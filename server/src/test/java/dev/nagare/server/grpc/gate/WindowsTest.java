package dev.nagare.server.grpc.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.server.admission.Serving;
import dev.nagare.server.metrics.Metrics;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WindowsTest {
  private static final long ALLOWANCE = 24L << 20;

  private final Metrics metrics = new Metrics(List.of(), new Serving(), "test", false);
  private final Windows windows = new Windows(ALLOWANCE, metrics);

  @Test
  void fewConnectionsHaveLargeWindowsAndManyNoMoreThanThereIs() {
    List<Integer> given = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      given.add(windows.open());
    }
    assertThat(given.getFirst()).isEqualTo(Windows.MOST_BYTES);
    assertThat(given.getLast()).isEqualTo(Windows.LEAST_BYTES);
    long all = given.stream().mapToLong(Integer::intValue).sum();
    assertThat(all).isLessThanOrEqualTo(ALLOWANCE + 1000L * Windows.LEAST_BYTES);
    given.forEach(windows::close);
    assertThat(windows.open()).isEqualTo(Windows.MOST_BYTES);
  }
}
