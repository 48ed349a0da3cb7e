package dev.nagare.server.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How a child process is started.
 *
 * @param name for people: {@code broker}, {@code server}
 * @param command program and arguments
 * @param environment variables of its own
 * @param folder the process works in
 * @param log receives what it prints, as well as the reports of a crash beside it
 */
record ChildSpec(
    String name, List<String> command, Map<String, String> environment, Path folder, Path log) {

  /**
   * The command behind a shield: Ctrl-C in a terminal reaches all its processes at once, but
   * children are to be stopped one after the other.
   */
  List<String> shielded() {
    var words = new ArrayList<>(List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", name));
    words.addAll(command);
    return words;
  }
}
