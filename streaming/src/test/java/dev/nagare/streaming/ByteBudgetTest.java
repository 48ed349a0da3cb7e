package dev.nagare.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {
  private final List<String> refused = new ArrayList<>();
  private final ByteBudget budget = new ByteBudget(100, refused::add);

  @Test
  void whatIsTakenIsNotThereForOthersAndComesBack() {
    ByteBudget.Share one = budget.share("http");
    ByteBudget.Share two = budget.share("grpc");
    assertThat(one.grow(60)).isTrue();
    assertThat(two.grow(41)).isFalse();
    assertThat(two.grow(40)).isTrue();
    assertThat(refused).containsExactly("grpc");
    one.shrink(10);
    assertThat(two.grow(10)).isTrue();
    assertThat(one.bytes()).isEqualTo(50);
    one.shrink(1000); // never more than it has
    assertThat(budget.taken()).isEqualTo(50);
    one.close();
    two.close();
    two.close();
    assertThat(budget.taken()).isZero();
    assertThat(budget.refusal().status()).isEqualTo(429);
    assertThat(budget.refusal().retryAfterMillis()).isPositive();
  }

  @Test
  void afterTheEndNothingIsTakenAndNobodyIsToldOfARefusal() {
    ByteBudget.Share share = budget.share("http");
    share.close();
    assertThat(share.grow(1)).isFalse();
    assertThat(budget.taken()).isZero();
    assertThat(refused).isEmpty();
  }

  @Test
  void hugeWishesDoNotWrapAround() {
    ByteBudget.Share share = budget.share("http");
    assertThat(share.grow(50)).isTrue();
    assertThat(share.grow(Long.MAX_VALUE)).isFalse();
    assertThat(budget.taken()).isEqualTo(50);
  }

  @Test
  void manyThreadsNeverTakeMoreThanThereIs() throws InterruptedException {
    long seed = new Random().nextLong();
    System.out.println("ByteBudgetTest: seed " + seed);
    List<Thread> threads = new ArrayList<>();
    List<Throwable> faults = new ArrayList<>();
    var shared = new ByteBudget(1000, who -> {});
    for (int t = 0; t < 4; t++) {
      var random = new Random(seed + t);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int i = 0; i < 20_000; i++) {
                      try (ByteBudget.Share share = shared.share("http")) {
                        boolean some = share.grow(random.nextInt(600));
                        if (shared.taken() > 1000 || (some && shared.taken() < share.bytes())) {
                          synchronized (faults) {
                            faults.add(new AssertionError("seed " + seed));
                          }
                        }
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(faults).isEmpty();
    assertThat(shared.taken()).isZero();
  }
}
