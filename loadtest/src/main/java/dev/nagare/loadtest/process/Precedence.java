package dev.nagare.loadtest.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets the calling thread go before all others on its core: it runs when it wants to, whatever the
 * machine has to do besides. For a thread that sleeps most of the time; one that never sleeps is
 * stopped by the kernel for a twentieth of each second.
 *
 * <p>Needs {@code chrt} and the right to use it; without them nothing changes. Closed by the thread
 * that took it.
 */
public final class Precedence implements AutoCloseable {
  private static final Path CHRT = Path.of("/usr/bin/chrt");
  private static final Path SELF = Path.of("/proc/thread-self");
  private static final List<String> FIRST = List.of("-f", "-p", "1");

  // Of proc_pid_stat(5), counted from the third field, which is the first behind the name.
  private static final int PRIORITY = 40 - 3;
  private static final int POLICY = 41 - 3;

  private final @Nullable List<String> before;

  private Precedence(@Nullable List<String> before) {
    this.before = before;
  }

  /** Takes it, if that can be had here. */
  public static Precedence take() throws IOException {
    if (!Files.isExecutable(CHRT)) {
      return new Precedence(null);
    }
    List<String> before = policy();
    return new Precedence(before != null && schedule(FIRST) ? before : null);
  }

  /** Whether this thread goes before others. */
  public boolean taken() {
    return before != null;
  }

  /** How this thread is scheduled, in the words of {@code chrt}; null if that has none. */
  private static @Nullable List<String> policy() throws IOException {
    String stat = Files.readString(SELF.resolve("stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1); // a name has blanks
    String policy =
        switch (fields[POLICY]) {
          case "0" -> "-o";
          case "1" -> "-f";
          case "2" -> "-r";
          case "3" -> "-b";
          case "5" -> "-i";
          default -> null; // by deadlines, which go before anybody
        };
    return policy == null ? null : List.of(policy, "-p", fields[PRIORITY]);
  }

  private static boolean schedule(List<String> policy) throws IOException {
    var words = new ArrayList<>(List.of(CHRT.toString()));
    words.addAll(policy);
    words.add(Files.readSymbolicLink(SELF).getFileName().toString());
    Process chrt =
        new ProcessBuilder(words)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return chrt.waitFor() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Gives it back: the thread is scheduled as it was before. */
  @Override
  public void close() throws IOException {
    if (before != null) {
      schedule(before);
    }
  }
}
