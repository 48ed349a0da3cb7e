package dev.nagare.loadtest.bench.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.loadtest.bench.BenchResult;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The real sides in their own JVMs, in few steps: what they compute, not how fast. */
class DuelTest {
  private static final double TOLERANCE = 1e-4;

  @Test
  void bothSidesOfLstmB1HaveTheSameLosses() throws Exception {
    var duel = duel(TOLERANCE);
    BenchResult result = duel.run(2, (done, all) -> {}).getFirst();
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
  void theTailIsARowOfTheSameRun() throws Exception {
    List<BenchResult> results = duel(TOLERANCE).run(2, (done, all) -> {});
    assertThat(results).extracting(BenchResult::name).containsExactly("lstm-b1", "lstm-b1-p99");
    assertThat(results.getLast().ours()).isGreaterThanOrEqualTo(results.getFirst().ours());
  }

  /** The first ten results of each side, in few steps. */
  @ParameterizedTest
  @EnumSource(
      names = {
        "LIBTORCH_LSTM_B16_1T",
        "LIBTORCH_LSTM_B32_H128_2T",
        "LIBTORCH_CNN_2T",
        "LIBTORCH_CNN_1T_LAST",
        "LIBTORCH_TRANSFORMER_1T",
        "LIBTORCH_OP_SMALL_1T"
      })
  void theOtherSidesAgreeToo(Side peer) throws Exception {
    String ours = peer.name().replace("LIBTORCH", "NAGARE").replaceAll("_[12]T(_LAST)?$", "");
    try (SideProcess our = new SideProcess(Side.valueOf(ours));
        SideProcess their = new SideProcess(peer)) {
      double[] expected = their.values(Duel.AGREEING);
      assertThat(our.values(Duel.AGREEING)).containsExactly(expected, within(TOLERANCE));
    }
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
        "lstm-b1",
        Side.NAGARE_LSTM_B1,
        List.of(Side.LIBTORCH_LSTM_B1_1T),
        tolerance,
        5,
        5,
        1,
        true);
  }
}
