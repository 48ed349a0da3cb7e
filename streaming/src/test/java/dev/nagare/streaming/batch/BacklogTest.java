package dev.nagare.streaming.batch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BacklogTest {
  private static final long STEP = 1 << 25;

  private record Entry(int rank, long due, long cost, int at) {}

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void sumsWhatIsDueUpToAMomentToAStep(long seed) {
    var random = new Random(seed);
    var backlog = new Backlog();
    List<Entry> inside = new ArrayList<>();
    long now = 0;
    for (int i = 0; i < 20_000; i++) {
      now += random.nextLong(STEP / 16);
      if (inside.size() < 40 && random.nextInt(3) > 0) {
        int rank = random.nextInt(Question.RANKS);
        long due = now + random.nextLong(60 * STEP) - STEP; // some are overdue at once
        long cost = 1 + random.nextLong(1_000_000);
        inside.add(new Entry(rank, due, cost, backlog.add(rank, due, now, cost)));
      } else if (!inside.isEmpty()) {
        Entry gone = inside.removeFirst();
        backlog.remove(gone.at(), gone.cost());
      }
      check(backlog, inside, random, now);
    }
    int later = backlog.add(0, now + 1_000 * STEP, now, 5);
    assertThat(backlog.dueBy(0, now + 60 * STEP, now)).isEqualTo(backlog.all(0) - 5);
    assertThat(backlog.dueBy(0, now + 100 * STEP, now)).isEqualTo(backlog.all(0));
    backlog.remove(later, 5);
    inside.forEach(gone -> backlog.remove(gone.at(), gone.cost()));
    for (int rank = 0; rank < Question.RANKS; rank++) {
      assertThat(backlog.all(rank)).isZero();
      assertThat(backlog.dueBy(rank, now + STEP, now)).isZero();
    }
  }

  private static void check(Backlog backlog, List<Entry> inside, Random random, long now) {
    int rank = random.nextInt(Question.RANKS);
    long due = now + random.nextLong(63 * STEP);
    assertThat(backlog.all(rank)).isEqualTo(sum(inside, rank, Long.MAX_VALUE));
    assertThat(backlog.dueBy(rank, Long.MAX_VALUE, now)).isEqualTo(backlog.all(rank));
    assertThat(backlog.dueBy(rank, due, now))
        .isBetween(sum(inside, rank, due), sum(inside, rank, due + STEP));
  }

  private static long sum(List<Entry> inside, int rank, long due) {
    return inside.stream()
        .filter(entry -> entry.rank() == rank && entry.due() <= due)
        .mapToLong(Entry::cost)
        .sum();
  }
}
