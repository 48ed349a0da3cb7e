package dev.nagare.loadtest.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static final Metrics METRICS =
      new Metrics(
          """
          # TYPE cost gauge
          cost{model="a"} 1.5E-5
          cost{model="b"} 2.0
          cost_total{model="a"} 7
          """);

  @Test
  void aValueIsThatOfItsModel() throws Exception {
    assertThat(METRICS.value("cost", "a")).isEqualTo(1.5e-5);
    assertThat(METRICS.value("cost", "b")).isEqualTo(2);
  }

  @Test
  void whatIsNotThereIsSaid() {
    assertThatThrownBy(() -> METRICS.value("cost", "c"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no cost of c");
  }
}
