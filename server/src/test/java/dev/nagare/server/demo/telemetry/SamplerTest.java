package dev.nagare.server.demo.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SamplerTest {

  @Test
  void rowsAreDueAtMultiplesOfThePeriodHoweverLateTheyWere() {
    assertThat(Sampler.next(1000, 1000, 100)).isEqualTo(1100);
    assertThat(Sampler.next(1000, 1099, 100)).isEqualTo(1100);
    assertThat(Sampler.next(1000, 990, 100)).isEqualTo(1100);
  }

  @Test
  void missedRowsAreLeftOut() {
    assertThat(Sampler.next(1000, 1100, 100)).isEqualTo(1200);
    assertThat(Sampler.next(1000, 999_950, 100)).isEqualTo(1_000_000);
  }

  @Test
  void goesOnAfterARowThatCouldNotBeRead() {
    Queue<Float> rows = new ConcurrentLinkedQueue<>();
    var calls = new AtomicInteger();
    var telemetry =
        new HostTelemetry() {
          @Override
          public List<String> features() {
            return List.of("x");
          }

          @Override
          public List<String> gaps() {
            return List.of();
          }

          @Override
          public void read(float[] row, long elapsedNanos) throws IOException {
            assertThat(elapsedNanos).isPositive();
            int call = calls.incrementAndGet();
            if (call == 2) {
              throw new IOException("gone");
            }
            row[0] = call;
          }
        };
    try (var sampler =
        new Sampler(telemetry, Duration.ofMillis(2), (time, row) -> rows.add(row[0]))) {
      sampler.start();
      await().until(() -> rows.size() >= 3);
      assertThat(rows).startsWith(1f, 3f, 4f);
      assertThat(sampler.problem()).isNull();
    }
  }

  @Test
  void aRowIsARequestOfTheOpenInferenceProtocol() {
    assertThat(new String(RowJson.encode(new float[] {0.5f, 1e-7f, 12345678f}), UTF_8))
        .isEqualTo(
            "{\"inputs\":[{\"name\":\"row\",\"datatype\":\"FP32\",\"shape\":[1,3],"
                + "\"data\":[0.5,1.0E-7,1.2345678E7]}]}");
  }
}
