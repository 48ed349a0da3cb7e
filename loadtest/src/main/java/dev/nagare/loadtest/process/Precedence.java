package dev.nagare.loadtest.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
  private static final List<String> FIRST = List.of("-f", "-p", "1");
  private static final List<String> AS_ANY = List.of("-o", "-p", "0");

  private final boolean taken;

  private Precedence(boolean taken) {
    this.taken = taken;
  }

  /** Takes it, if that can be had here. */
  public static Precedence take() throws IOException {
    return new Precedence(Files.isExecutable(CHRT) && schedule(FIRST));
  }

  /** Whether this thread goes before others. */
  public boolean taken() {
    return taken;
  }

  private static boolean schedule(List<String> policy) throws IOException {
    Path self = Path.of("/proc/thread-self");
    var words = new ArrayList<>(List.of(CHRT.toString()));
    words.addAll(policy);
    words.add(Files.readSymbolicLink(self).getFileName().toString());
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

  /** Gives it back: the thread is one among others again. */
  @Override
  public void close() throws IOException {
    if (taken) {
      schedule(AS_ANY);
    }
  }
}
