package dev.nagare.broker;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The command line of {@link EmbeddedBroker}.
 *
 * @param port that clients connect to; 0 for a free one
 * @param data folder of the logs; formatted if it is new, used again if not
 * @param exitWithParent whether to stop when the process that started this one is gone
 */
record BrokerOptions(int port, Path data, boolean exitWithParent) {

  static final String USAGE = "usage: EmbeddedBroker --data DIR [--port PORT] [--exit-with-parent]";

  /**
   * Reads the arguments.
   *
   * @throws IllegalArgumentException what was wrong with them
   */
  static BrokerOptions parse(String... args) {
    int port = 0;
    Path data = null;
    boolean exitWithParent = false;
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--port" -> port = port(value(args, ++i, "--port"));
        case "--data" -> data = Path.of(value(args, ++i, "--data"));
        case "--exit-with-parent" -> exitWithParent = true;
        default -> throw new IllegalArgumentException("unknown option " + args[i]);
      }
    }
    return new BrokerOptions(port, required(data), exitWithParent);
  }

  private static String value(String[] args, int at, String option) {
    if (at == args.length) {
      throw new IllegalArgumentException(option + " needs a value");
    }
    return args[at];
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65_535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Said below, in the same words as a number out of range.
    }
    throw new IllegalArgumentException("--port must be a number from 0 to 65535, got " + text);
  }

  private static Path required(@Nullable Path data) {
    if (data == null) {
      throw new IllegalArgumentException("--data is missing");
    }
    return data;
  }
}
