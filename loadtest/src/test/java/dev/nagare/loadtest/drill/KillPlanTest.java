package dev.nagare.loadtest.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.loadtest.drill.KillPlan.Folder;
import dev.nagare.loadtest.drill.KillPlan.Kill;
import dev.nagare.streaming.rehearsal.CrashPoint;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class KillPlanTest {

  @Test
  void visitsEveryPointOnceInTheSizeOfVerify() {
    List<Kill> kills = new KillPlan(1).kills(CrashPoint.values().length);
    assertThat(kills.stream().map(Kill::point).filter(Objects::nonNull))
        .containsExactlyInAnyOrder(CrashPoint.values());
  }

  @Test
  void visitsEveryPointThreeTimesAndRandomMomentsOtherwise() {
    List<Kill> kills = new KillPlan(1).kills(50);
    assertThat(kills).hasSize(50);
    assertThat(
            kills.stream()
                .filter(kill -> kill.point() != null)
                .collect(Collectors.groupingBy(Kill::label, Collectors.counting()))
                .values())
        .hasSize(CrashPoint.values().length)
        .allMatch(count -> count >= 3);
    assertThat(kills).anyMatch(kill -> kill.point() == null);
  }

  @Test
  void makesAsManyKillsAsAreAskedFor() {
    for (int times : new int[] {1, 5, 13, 41, 43, 200}) {
      assertThat(new KillPlan(3).kills(times)).hasSize(times);
    }
  }

  @Test
  void doesEverythingToFoldersThatItCanDo() {
    assertThat(
            new KillPlan(1)
                .kills(14).stream()
                    .map(Kill::folder)
                    .collect(Collectors.toCollection(() -> EnumSet.noneOf(Folder.class))))
        .containsExactlyInAnyOrder(Folder.values());
  }

  @Test
  void letsTheFirstLifeLeaveACheckpointThatHasSomethingToForget() {
    for (long seed = 0; seed < 20; seed++) {
      assertThat(new KillPlan(seed).kills(1).getFirst().checkpoints()).isEqualTo(2);
    }
  }

  @Test
  void isTheSameForTheSameSeed() {
    assertThat(new KillPlan(9).kills(60)).isEqualTo(new KillPlan(9).kills(60));
    assertThat(new KillPlan(9).kills(60)).isNotEqualTo(new KillPlan(10).kills(60));
  }
}
