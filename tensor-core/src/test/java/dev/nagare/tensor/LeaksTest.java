package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.tensor.Leaks.Leak;
import dev.nagare.tensor.Leaks.Level;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Memory that is forgotten on purpose. */
class LeaksTest {

  @Test
  void theTestsRunWithStacks() {
    assertThat(Leaks.level()).isEqualTo(Level.STACKS);
  }

  @Test
  void aScopeThatIsNeverClosedIsFoundWithWhereItWasOpened() throws Exception {
    long before = Leaks.count();
    forgetScope();
    Leak leak = onlyLeak();
    assertThat(leak.what()).isEqualTo("memory scope");
    assertThat(methods(leak.opened())).contains("forgetScope");
    assertThat(leak.lastLease()).isNull();
    assertThat(Leaks.count()).isEqualTo(before + 1);
  }

  @Test
  void processMemoryThatIsNeverClosedIsFoundByItsOwnersName() throws Exception {
    forgetProcessMemory();
    Leak leak = onlyLeak();
    assertThat(leak.what()).isEqualTo("process memory learner pulse");
    assertThat(methods(leak.opened())).contains("forgetProcessMemory");
  }

  @Test
  void aLeaseThatIsNotGivenBackIsFoundWithWhereItWasTaken() throws Exception {
    forgetLease(new MemoryPool("requests", 1 << 20));
    Leak leak = onlyLeak();
    assertThat(leak.what()).isEqualTo("lease of the pool requests");
    assertThat(methods(leak.opened())).contains("forgetLease");
    assertThat(methods(leak.lastLease())).contains("forgetLease", "retain");
  }

  @Test
  void whatWasClosedIsNoLeak() throws Exception {
    closeAll(new MemoryPool("requests", 1 << 20));
    LeakCheck.collect();
    assertThat(Leaks.drain()).isEmpty();
  }

  @Test
  void whatIsStillReferredToIsNoLeakYet() throws Exception {
    try (Scope scope = new Scope(64)) {
      LeakCheck.collect();
      assertThat(Leaks.drain()).isEmpty();
      assertThat(scope.capacityBytes()).isEqualTo(64);
    }
  }

  @Test
  void countsKeepNoStackAndOffKeepsNothing() {
    try (Scope scope = new Scope(64)) {
      assertThat(Leaks.opened(Level.OFF, scope, "memory", "scope")).isNull();
      Leaks.Opening opening = Leaks.opened(Level.COUNTS, scope, "memory", "counted");
      Objects.requireNonNull(opening).leased();
      opening.run();
      opening.close();
      assertThat(Leaks.drain()).containsExactly(new Leak("memory counted", null, null));
    }
  }

  @Test
  void anUnknownLevelIsRefused() {
    assertThat(Level.named("counts")).isEqualTo(Level.COUNTS);
    assertThatThrownBy(() -> Level.named("all"))
        .hasMessage("nagare.leaks: expected off, counts or stacks, got all");
  }

  private static void forgetScope() {
    var scope = new Scope(64);
    assertThat(scope.zeros(DType.F32, Shape.of(1)).get(0)).isZero();
    scope.arena().run(); // the bytes at least; it stays a scope that nobody closed
  }

  private static void forgetProcessMemory() {
    assertThat(new ProcessMemory("learner pulse").bytes()).isZero();
  }

  private static void forgetLease(MemoryPool pool) {
    PooledMemory block = pool.open(64);
    assertThat(block.retain()).isTrue();
    block.release();
  }

  private static void closeAll(MemoryPool pool) {
    try (Scope scope = new Scope(64);
        ProcessMemory memory = new ProcessMemory("test")) {
      assertThat(scope.capacityBytes() + memory.bytes()).isEqualTo(64);
    }
    PooledMemory block = pool.open(64);
    assertThat(block.retain()).isTrue();
    block.release();
    block.release();
  }

  private static Leak onlyLeak() throws InterruptedException {
    LeakCheck.collect();
    List<Leak> leaks = Leaks.drain();
    assertThat(leaks).hasSize(1);
    return leaks.getFirst();
  }

  private static List<String> methods(@Nullable Throwable where) {
    return where == null
        ? List.of()
        : Arrays.stream(where.getStackTrace()).map(StackTraceElement::getMethodName).toList();
  }
}
