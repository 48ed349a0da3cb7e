package dev.nagare.server.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The JVM's argument file of a program that is started again and again: the one of the sources, or,
 * once a start was rehearsed on this JDK, one with an AOT cache, so that classes are linked before
 * they are asked for (<a href="https://openjdk.org/jeps/483">JEP 483</a>).
 *
 * <p>A JVM that has to resolve an incubating module links nothing ahead of time. So the Vector API
 * is not a module there: its classes, as the JDK has them, are in a jar on the boot class path, and
 * the flags that the JVM sets when it meets the module are set by name. A cache that does not fit
 * any more, since jars or flags have changed, is passed over by the JVM in silence.
 *
 * @param module folder of the program's module in the built source tree
 * @param name of its argument file, without its ending
 */
public record StartFlags(Path module, String name) {
  private static final String JDK = System.getProperty("java.runtime.version");
  private static final String VECTORS = "--add-modules=" + VectorJar.MODULE;

  /**
   * What callers ask for decides how the JVM compiles, not what a rehearsal saw; nothing is said of
   * a cache that is passed over.
   */
  private static final List<String> ALWAYS =
      List.of(
          "-XX:+UnlockDiagnosticVMOptions",
          "-XX:-AOTRecordTraining",
          "-XX:-AOTReplayTraining",
          "-Xlog:aot=off,cds=off");

  /** Those of {@code nagare serve}. */
  public static StartFlags serve(Path home) {
    return new StartFlags(home.resolve("server"), "serve");
  }

  /** Those of the embedded broker. */
  public static StartFlags broker(Path home) {
    return new StartFlags(home.resolve("streaming/broker"), "broker");
  }

  /** The file to start with: that of the sources unless there is one of a later rehearsal. */
  public Path file() {
    File linked = linked().toFile();
    boolean rehearsed =
        linked.length() > 0 && linked.lastModified() >= sources().toFile().lastModified();
    return rehearsed ? linked.toPath() : sources();
  }

  private Path sources() {
    return module.resolve("src/main/jvm").resolve(name + ".args");
  }

  /** The script looks for it by this name. An empty one says that the rehearsal failed. */
  private Path linked() {
    return target(name, ".args");
  }

  private Path cache() {
    return target(name, ".aot");
  }

  private Path vectors() {
    return target("vector", ".jar");
  }

  /** A file of this JDK: with another one it would do harm. */
  private Path target(String name, String ending) {
    return module.resolve("target").resolve(name + "-" + JDK + ending);
  }

  /**
   * The file for a start that is a rehearsal: when that JVM ends, it writes a cache, which takes
   * seconds.
   */
  public Path rehearsal() throws IOException {
    Files.deleteIfExists(linked());
    Files.deleteIfExists(cache());
    if (Files.readAllLines(sources()).contains(VECTORS)) {
      VectorJar.write(vectors()); // once: a cache belongs to the jars of one moment
    }
    Path file = target(name + "-rehearsal", ".args");
    Files.write(file, flags("-XX:AOTCacheOutput=" + quoted(cache())));
    return file;
  }

  /** To be called when the JVM that rehearsed has ended; later starts are quick if it went well. */
  public void rehearsed() throws IOException {
    if (Files.exists(cache())) {
      Files.write(linked(), flags("-XX:AOTCache=" + quoted(cache())));
    }
  }

  private List<String> flags(String last) throws IOException {
    var flags = new ArrayList<String>();
    for (String line : Files.readAllLines(sources())) {
      if (line.equals(VECTORS)) {
        flags.add("-Xbootclasspath/a:" + quoted(vectors()));
        flags.addAll(VectorJar.FLAGS);
      } else {
        flags.add(line);
      }
    }
    flags.add(last);
    flags.addAll(ALWAYS);
    return flags;
  }

  /** In an argument file a word with spaces stands in quotes, and a backslash before both in it. */
  private static String quoted(Path path) {
    String text = path.toAbsolutePath().normalize().toString();
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
