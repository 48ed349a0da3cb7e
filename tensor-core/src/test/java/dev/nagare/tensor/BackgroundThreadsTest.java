package dev.nagare.tensor;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class BackgroundThreadsTest {
  @Test
  void theyGiveWayToOthersAndSoDoThreadsThatTheyStart() throws Exception {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not here: the system is not Linux");
    int here = nice();
    assumeTrue(here < 19, "not here: this process gives way to all others already");
    try (var executor = Executors.newSingleThreadExecutor(BackgroundThreads.named("behind"))) {
      assertThat(executor.submit(() -> Thread.currentThread().getName()).get()).isEqualTo("behind");
      assertThat(executor.submit(() -> Thread.currentThread().isDaemon()).get()).isTrue();
      Callable<Integer> nice = BackgroundThreadsTest::nice;
      assertThat(executor.submit(nice).get()).isEqualTo(Math.min(19, here + 15));
      Callable<Integer> ofChild =
          () -> {
            try (var child = Executors.newSingleThreadExecutor()) {
              return child.submit(nice).get();
            }
          };
      assertThat(executor.submit(ofChild).get()).isEqualTo(Math.min(19, here + 15));
    }
    assertThat(nice()).isEqualTo(here);
  }

  @Test
  void theJvmsCompilersGiveWayWhenToldHoweverOften() throws Exception {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not here: the system is not Linux");
    BackgroundThreads.compilersGiveWay();
    BackgroundThreads.compilersGiveWay();
    List<Integer> nice = new ArrayList<>();
    for (String thread : requireNonNull(Path.of("/proc/self/task").toFile().list())) {
      Path task = Path.of("/proc/self/task", thread);
      if (Files.readString(task.resolve("comm")).startsWith("C2 Compiler")) {
        nice.add(nice(task));
      }
    }
    assertThat(nice).contains(Math.min(19, nice(Path.of("/proc/self")) + 15));
  }

  /** Field 19 of proc_pid_stat(5); the name, the second, may hold blanks. */
  private static int nice() throws IOException {
    return nice(Path.of("/proc/thread-self"));
  }

  private static int nice(Path task) throws IOException {
    String stat = Files.readString(task.resolve("stat"));
    String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Integer.parseInt(afterName[19 - 3]);
  }
}
