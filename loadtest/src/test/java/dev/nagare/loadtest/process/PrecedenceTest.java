package dev.nagare.loadtest.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecedenceTest {
  private static final int FIFO = 1;
  private static final int OTHER = 0;

  @Test
  void aThreadGoesFirstUntilItGivesThatBack() throws Exception {
    try (var first = Precedence.take()) {
      assumeTrue(first.taken(), "not here: chrt, or the right to use it, is missing");
      assertThat(field(41)).isEqualTo(FIFO);
      assertThat(field(40)).isEqualTo(1);
    }
    assertThat(field(41)).isEqualTo(OTHER);
  }

  @ParameterizedTest
  @CsvSource({"-b, 0, 3", "-i, 0, 5", "-r, 7, 2", "-f, 9, 1"})
  void aThreadIsScheduledAsBeforeOnceItHasGivenThatBack(String word, int priority, int policy)
      throws Exception {
    inAThreadOfItsOwn(
        () -> {
          assumeTrue(
              schedule(word, priority), "not here: chrt, or the right to use it, is missing");
          try (var first = Precedence.take()) {
            assumeTrue(first.taken(), "not here: the right to go first is missing");
            assertThat(field(41)).isEqualTo(FIFO);
            assertThat(field(40)).isEqualTo(1);
          }
          assertThat(field(41)).isEqualTo(policy);
          assertThat(field(40)).isEqualTo(priority);
          return null;
        });
  }

  private static void inAThreadOfItsOwn(Callable<Void> work) throws Exception {
    var task = new FutureTask<>(work);
    Thread.ofPlatform().start(task);
    try {
      task.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception known ? known : e;
    }
  }

  private static boolean schedule(String word, int priority)
      throws IOException, InterruptedException {
    if (!Files.isExecutable(Path.of("/usr/bin/chrt"))) {
      return false;
    }
    String self = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName().toString();
    List<String> command = List.of("/usr/bin/chrt", word, "-p", Integer.toString(priority), self);
    return new ProcessBuilder(command).start().waitFor() == 0;
  }

  /** A field of proc_pid_stat(5), from 1; the name, the second, may hold blanks. */
  private static int field(int number) throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Integer.parseInt(afterName[number - 3]);
  }
}
