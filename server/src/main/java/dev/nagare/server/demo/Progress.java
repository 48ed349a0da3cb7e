package dev.nagare.server.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** What a person sees of a demo: one line per step with the time since the start. Thread-safe. */
final class Progress {
  private static final String ERASE_LINE = "\r\u001b[K";

  private final PrintWriter out;
  private final boolean terminal;
  private final long startMillis;
  private boolean statusShown;

  /**
   * Creates the output.
   *
   * @param terminal whether a line can be overwritten
   * @param startMillis when the demo began, milliseconds since the epoch
   */
  Progress(PrintWriter out, boolean terminal, long startMillis) {
    this.out = out;
    this.terminal = terminal;
    this.startMillis = startMillis;
  }

  /** Seconds since the start. */
  double seconds() {
    return (System.currentTimeMillis() - startMillis) / 1e3;
  }

  /** A step, with the time it was done at. */
  void step(String what) {
    line(String.format(Locale.ROOT, "%7.1f s  %s", seconds(), what));
  }

  /** A line of its own. */
  synchronized void line(String text) {
    if (statusShown) {
      out.print(ERASE_LINE);
      statusShown = false;
    }
    out.println(text);
    out.flush();
  }

  /** The line that is overwritten by the next one; nothing unless this is a terminal. */
  synchronized void status(ServerStatus server, long waiting, long dropped) {
    if (!terminal) {
      return;
    }
    Duration up = Duration.ofMillis(System.currentTimeMillis() - startMillis);
    out.printf(
        Locale.ROOT,
        "%s  %d:%02d:%02d  version %d, %d rows learned%s%s%s",
        ERASE_LINE,
        up.toHours(),
        up.toMinutesPart(),
        up.toSecondsPart(),
        server.version(),
        server.learned(),
        server.degraded() ? ", learning paused" : "",
        waiting > 0 ? ", " + waiting + " rows waiting" : "",
        dropped > 0 ? ", " + dropped + " rows lost" : "");
    out.flush();
    statusShown = true;
  }
}
