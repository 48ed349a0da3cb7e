package dev.nagare.loadtest.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PrecedenceTest {
  private static final int FIFO = 1;
  private static final int OTHER = 0;

  @Test
  void aThreadGoesFirstUntilItGivesThatBack() throws Exception {
    try (var first = Precedence.take()) {
      assumeTrue(first.taken(), "not here: chrt, or the right to use it, is missing");
      assertThat(policy()).isEqualTo(FIFO);
    }
    assertThat(policy()).isEqualTo(OTHER);
  }

  /** Field 41 of proc_pid_stat(5); the name, the second, may hold blanks. */
  private static int policy() throws IOException {
    String stat = Files.readString(Path.of("/proc/thread-self/stat"));
    String[] afterName = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return Integer.parseInt(afterName[41 - 3]);
  }
}
