package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
      assertThat(executor.submit(nice).get()).isEqualTo(Math.min(19, here + 10));
      Callable<Integer> ofChild =
          () -> {
            try (var child = Executors.newSingleThreadExecutor()) {
              return child.submit(nice).get();
            }
          };
      assertThat(executor.submit(ofChild).get()).isEqualTo(Math.min(19, here + 10));
    }
    assertThat(nice()).isEqualTo(here);
  }

  /** Field 19 of proc_pid_stat(5); the name, the second, may hold blanks. */
  private static int nice() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Integer.parseInt(afterName[19 - 3]);
  }
}
