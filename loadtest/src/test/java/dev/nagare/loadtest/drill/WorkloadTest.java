package dev.nagare.loadtest.drill;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.loadtest.drill.verify.InputLog;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WorkloadTest {
  private static final int RECORDS = 5000;

  @Test
  void isTheSameForTheSameSeed() {
    assertThat(texts(4)).isEqualTo(texts(4)).isNotEqualTo(texts(5));
  }

  @Test
  void hasRowsQuestionsAndPoison() {
    List<Workload.Entry> entries = entries(1);
    assertThat(entries.stream().map(Workload.Entry::kind).distinct())
        .containsExactlyInAnyOrder(InputLog.ROW, InputLog.QUESTION, InputLog.POISON);
    assertThat(entries.stream().filter(entry -> entry.kind().equals(InputLog.ROW)).count())
        .isGreaterThan(RECORDS * 9L / 10);
  }

  @Test
  void stepsItsClockBackNowAndThen() {
    List<Workload.Entry> entries = entries(1);
    int back = 0;
    for (int i = 1; i < entries.size(); i++) {
      back += entries.get(i).timestampMillis() < entries.get(i - 1).timestampMillis() ? 1 : 0;
    }
    assertThat(back).isBetween(20, RECORDS / 10);
  }

  @Test
  void endsInARow() {
    assertThat(new Workload(1, 0).lastRow().kind()).isEqualTo(InputLog.ROW);
  }

  private static List<Workload.Entry> entries(long seed) {
    var workload = new Workload(seed, 1_000_000_000_000L);
    List<Workload.Entry> entries = new ArrayList<>();
    for (int i = 0; i < RECORDS; i++) {
      entries.add(workload.next());
    }
    return entries;
  }

  private static List<String> texts(long seed) {
    return entries(seed).stream().map(entry -> new String(entry.value(), UTF_8)).toList();
  }
}
