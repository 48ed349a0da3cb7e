package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.streaming.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AnswerShareTest {
  private final AtomicInteger refused = new AtomicInteger();
  private final List<String> outOfBudget = new ArrayList<>();
  private final ByteBudget budget = new ByteBudget(100, outOfBudget::add);
  private final AnswerShare share = share();

  @Test
  void whoHasAllOfItsShareIsToldWhatToDoAndOthersHaveTheirs() {
    share.take(20);
    assertThatThrownBy(() -> share.take(6))
        .isInstanceOfSatisfying(
            ProtocolException.class,
            e -> {
              assertThat(e.status()).isEqualTo(429);
              assertThat(e.retryAfterMillis()).isPositive();
            })
        .hasMessageContaining("take 20 of the 25 bytes")
        .hasMessageContaining("server.connection-answer-bytes")
        .hasMessageContaining("read them before asking for more");
    assertThat(refused).hasValue(1);
    assertThat(outOfBudget).isEmpty();
    AnswerShare other = share();
    other.take(25);
    share.take(5);
    share.correct(-25);
    other.correct(-25);
    share.take(25);
    assertThat(budget.taken()).isEqualTo(25);
  }

  @Test
  void whatTheBudgetHasNoRoomForIsNotTakenOfTheShareEither() {
    try (ByteBudget.Share others = budget.share("http")) {
      assertThat(others.grow(90)).isTrue();
      assertThatThrownBy(() -> share.take(11)).hasMessageContaining("server.memory-bytes");
    }
    assertThat(outOfBudget).containsExactly("answer");
    assertThat(refused).hasValue(0);
    share.take(25);
    assertThat(budget.taken()).isEqualTo(25);
  }

  @Test
  void anAnswerThatTurnsOutLargerIsThereAllTheSameAndNothingMoreIsTaken() {
    share.take(20);
    share.correct(10);
    assertThat(budget.taken()).isEqualTo(30);
    assertThatThrownBy(() -> share.take(1)).hasMessageContaining("take 30 of the 25 bytes");
  }

  @Test
  void itIsNeverMoreThanTheBudgetAndHugeWishesDoNotWrapAround() {
    var all = new AnswerShare(budget, Long.MAX_VALUE, refused::incrementAndGet);
    assertThat(all.most()).isEqualTo(100);
    all.take(1);
    assertThatThrownBy(() -> all.take(Long.MAX_VALUE)).hasMessageContaining("take 1 of the 100");
  }

  @Test
  void manyThreadsNeverTakeMoreThanThereIs() throws InterruptedException {
    long seed = new Random().nextLong();
    System.out.println("AnswerShareTest: seed " + seed);
    var of = new AnswerShare(new ByteBudget(1000, who -> {}), 250, () -> {});
    var most = new AtomicInteger();
    var together = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      var random = new Random(seed + t);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 20_000; i++) {
                      int bytes = random.nextInt(150);
                      try {
                        of.take(bytes);
                      } catch (ProtocolException e) {
                        continue;
                      }
                      most.accumulateAndGet(together.addAndGet(bytes), Math::max);
                      together.addAndGet(-bytes);
                      of.correct(-bytes);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(most.get()).as("seed %d", seed).isPositive().isLessThanOrEqualTo(250);
    of.take(250);
  }

  private AnswerShare share() {
    return new AnswerShare(budget, 25, refused::incrementAndGet);
  }
}
