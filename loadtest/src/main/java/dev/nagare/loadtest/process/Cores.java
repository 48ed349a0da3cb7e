package dev.nagare.loadtest.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which processes have which processors, where {@code taskset} can tell them. */
public final class Cores {
  private static final int MOST_TRIES = 5;
  private static final Path TASKSET = Path.of("/usr/bin/taskset");

  /** As this process began: it sees one processor only once it has moved to it. */
  private static final int COUNT = Runtime.getRuntime().availableProcessors();

  private static final boolean CAN_PIN = Files.isExecutable(TASKSET) && COUNT > 1;

  private Cores() {}

  /** Whether processes can be given a core of their own here. */
  public static boolean canPin() {
    return CAN_PIN;
  }

  /** The command as it is run on a core of its own; as it is, if that cannot be had here. */
  public static List<String> pinned(List<String> command, int core) {
    return on(Integer.toString(core), command);
  }

  /** The command as it is run on all cores, whichever this process has. */
  public static List<String> onAll(List<String> command) {
    return on(all(), command);
  }

  private static List<String> on(String cores, List<String> command) {
    if (!CAN_PIN) {
      return command;
    }
    var words = new ArrayList<>(List.of(TASKSET.toString(), "-c", cores));
    words.addAll(command);
    return words;
  }

  private static String all() {
    return "0-" + (COUNT - 1);
  }

  /** Moves this process, with all its threads, to a core; does nothing if that cannot be had. */
  public static void moveTo(int core) throws IOException, InterruptedException {
    if (CAN_PIN) {
      move(Integer.toString(core));
    }
  }

  /** Lets this process have all cores again. */
  public static void moveToAll() throws IOException, InterruptedException {
    if (CAN_PIN) {
      move(all());
    }
  }

  private static void move(String cores) throws IOException, InterruptedException {
    String self = Long.toString(ProcessHandle.current().pid());
    // It gives up at a thread that ends while it looks at all of them: then they are fewer.
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      if (moved(cores, self)) {
        return;
      }
    }
    throw new IOException("taskset could not move process " + self + " to cores " + cores);
  }

  private static boolean moved(String cores, String self) throws IOException, InterruptedException {
    return new ProcessBuilder(List.of(TASKSET.toString(), "-a", "-c", "-p", cores, self))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }
}
