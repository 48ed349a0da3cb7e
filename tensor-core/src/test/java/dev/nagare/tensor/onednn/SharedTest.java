package dev.nagare.tensor.onednn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SharedTest {

  @Test
  void whatCannotBeMadeIsAskedForAnew() {
    var shared = new Shared<String, Integer>(_ -> {});
    var asked = new AtomicInteger();
    assertThatThrownBy(
            () ->
                shared.take(
                    "a",
                    () -> {
                      asked.incrementAndGet();
                      throw TensorException.mismatch("not now");
                    }))
        .hasMessage("not now");
    assertThat(shared.size()).isZero();
    assertThat(shared.take("a", asked::incrementAndGet).value()).isEqualTo(2);
  }

  @Test
  void whoAsksForWhatIsJustEndingHasAnotherOne() {
    var ended = new ArrayList<Integer>();
    var shared = new AtomicReference<@Nullable Shared<String, Integer>>();
    var again = new AtomicReference<Shared.@Nullable Lease<Integer>>();
    var all =
        new Shared<String, Integer>(
            value -> {
              ended.add(value);
              Shared<String, Integer> same = shared.get();
              if (value == 1 && same != null) {
                assertThat(same.size()).isZero();
                again.set(same.take("a", () -> 2));
              }
            });
    shared.set(all);
    all.take("a", () -> 1).close();
    Shared.Lease<Integer> next = Objects.requireNonNull(again.get());
    assertThat(ended).containsExactly(1);
    assertThat(next.value()).isEqualTo(2);
    assertThat(all.size()).isEqualTo(1);
    next.close();
    assertThat(ended).containsExactly(1, 2);
    assertThat(all.size()).isZero();
  }

  /** Counts its ends. */
  private static final class Thing {
    final AtomicInteger ends = new AtomicInteger();
  }

  @Test
  void threadsThatTakeAndGiveBackNeverHaveWhatEndedAndAllEndsOnce() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    int threads = 4;
    List<List<Thing>> made = new ArrayList<>();
    var shared = new Shared<Integer, Thing>(thing -> thing.ends.incrementAndGet());
    var start = new CyclicBarrier(threads);
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<Integer>> wrong = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        var random = new Random(seed + i);
        List<Thing> own = new ArrayList<>();
        made.add(own);
        wrong.add(
            pool.submit(
                () -> {
                  start.await();
                  return takenAndGivenBack(shared, random, own);
                }));
      }
      for (Future<Integer> one : wrong) {
        assertThat(one.get()).as("had ended while it was held, seed %d", seed).isZero();
      }
    }
    assertThat(shared.size()).as("seed %d", seed).isZero();
    assertThat(made.stream().flatMap(List::stream))
        .as("seed %d", seed)
        .isNotEmpty()
        .allMatch(thing -> thing.ends.get() == 1);
  }

  /** Holds up to three of three at a time; answers how often one of them had ended. */
  private static int takenAndGivenBack(
      Shared<Integer, Thing> shared, Random random, List<Thing> made) {
    List<Shared.Lease<Thing>> held = new ArrayList<>();
    int wrong = 0;
    for (int i = 0; i < 20_000; i++) {
      if (held.size() < 3 && random.nextBoolean()) {
        held.add(
            shared.take(
                random.nextInt(3),
                () -> {
                  var thing = new Thing();
                  made.add(thing);
                  return thing;
                }));
      } else if (!held.isEmpty()) {
        Shared.Lease<Thing> one = held.remove(random.nextInt(held.size()));
        wrong += one.value().ends.get();
        one.close();
        one.close();
      }
    }
    for (Shared.Lease<Thing> one : held) {
      wrong += one.value().ends.get();
      one.close();
    }
    return wrong;
  }
}
