package dev.nagare.server.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * The Vector API of the JDK that runs, as a jar for the boot class path of the same JDK. The JVM
 * trusts classes of its boot loader as it trusts the module's, so they are compiled to the same
 * instructions.
 */
final class VectorJar {
  static final String MODULE = "jdk.incubator.vector";

  /** What the JVM does by itself when it meets the module. */
  static final List<String> FLAGS =
      List.of(
          "-XX:+UnlockExperimentalVMOptions",
          "-XX:+EnableVectorSupport",
          "-XX:+EnableVectorReboxing",
          "-XX:+EnableVectorAggressiveReboxing",
          "--add-exports=java.base/jdk.internal.vm.vector=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.vm.annotation=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.foreign=ALL-UNNAMED");

  private VectorJar() {}

  /** Writes it, in place of one that may be there. */
  static void write(Path jar) throws IOException {
    Path module =
        FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules").resolve(MODULE);
    Path temporary = jar.resolveSibling(jar.getFileName() + ".new");
    try {
      try (OutputStream out = Files.newOutputStream(temporary);
          var entries = new JarOutputStream(out);
          Stream<Path> files = Files.walk(module)) {
        for (Path file : (Iterable<Path>) files.filter(VectorJar::belongs).sorted()::iterator) {
          entries.putNextEntry(new JarEntry(module.relativize(file).toString()));
          Files.copy(file, entries);
          entries.closeEntry();
        }
      }
      Files.move(temporary, jar, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static boolean belongs(Path file) {
    return Files.isRegularFile(file) && !file.endsWith("module-info.class");
  }
}
