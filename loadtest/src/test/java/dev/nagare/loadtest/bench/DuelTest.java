package dev.nagare.loadtest.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The real sides in their own JVMs, in few steps: what they compute, not how fast. */
class DuelTest {
  private static final int STEPS = 10;
  private static final double TOLERANCE = 1e-4;

  @Test
  void bothSidesOfLstmB1HaveTheSameLosses() throws Exception {
    var duel = duel(TOLERANCE);
    BenchResult result = duel.run(2, (done, all) -> {});
    assertThat(result.name()).isEqualTo("lstm-b1");
    assertThat(result.unit()).isEqualTo("s");
    assertThat(result.ours()).isPositive();
    assertThat(result.peer_name()).contains("libtorch 2.7.1").contains("1 thread");
    assertThat(result.ratio()).isBetween(result.low(), result.high());
    JsonNode json = new ObjectMapper().valueToTree(result);
    assertThat(json.fieldNames())
        .toIterable()
        .containsExactly(
            "name", "unit", "ours", "peer", "peer_name", "ratio", "low", "high", "note");
  }

  @Test
  void noTimeCountsWhenTheOutputsDiffer() {
    assertThatThrownBy(() -> duel(-1).run(1, (done, all) -> {}))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("step 1")
        .hasMessageContaining("no time counts");
  }

  @Test
  void aSideThatFailsIsNamed() throws Exception {
    try (SideProcess side = new SideProcess(Side.NAGARE_LSTM_B1)) {
      assertThat(side.values(2)).hasSize(2);
      assertThatThrownBy(() -> side.block(-1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("NAGARE_LSTM_B1");
    }
  }

  private static Duel duel(double tolerance) {
    return new Duel(
        "lstm-b1", Side.NAGARE_LSTM_B1, List.of(Side.LIBTORCH_LSTM_B1_1T), STEPS, tolerance, 5, 5);
  }
}
