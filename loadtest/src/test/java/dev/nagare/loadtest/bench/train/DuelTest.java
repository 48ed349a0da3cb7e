package dev.nagare.loadtest.bench.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.nagare.loadtest.bench.BenchResult;
import dev.nagare.loadtest.bench.duel.Agreement;
import dev.nagare.loadtest.bench.duel.Duel;
import dev.nagare.loadtest.bench.duel.SideProcess;
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
  void theOtherSidesAgreeToo(TrainSide peer) throws Exception {
    String ours = peer.name().replace("LIBTORCH", "NAGARE").replaceAll("_[12]T(_LAST)?$", "");
    try (SideProcess our = new SideProcess(TrainSide.valueOf(ours));
        SideProcess their = new SideProcess(peer)) {
      Agreement losses = Agreement.within(TOLERANCE);
      List<float[]> expected = their.outputs(losses.steps());
      List<float[]> got = our.outputs(losses.steps());
      assertThat(got).hasSize(10);
      for (int i = 0; i < got.size(); i++) {
        assertThat(losses.error().applyAsDouble(expected.get(i), got.get(i)))
            .isBetween(0.0, TOLERANCE);
      }
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
    try (SideProcess side = new SideProcess(TrainSide.NAGARE_LSTM_B1)) {
      assertThat(side.outputs(2)).hasSize(2);
      assertThatThrownBy(() -> side.block(-1))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("NAGARE_LSTM_B1");
    }
  }

  private static Duel duel(double tolerance) {
    return new Duel(
        "lstm-b1",
        TrainSide.NAGARE_LSTM_B1,
        List.of(TrainSide.LIBTORCH_LSTM_B1_1T),
        Agreement.within(tolerance),
        5,
        5,
        1,
        true);
  }
}
