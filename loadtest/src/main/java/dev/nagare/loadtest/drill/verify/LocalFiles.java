package dev.nagare.loadtest.drill.verify;

import dev.nagare.loadtest.drill.verify.RegistryEntry.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Files that bear the name of a checkpoint that the registry knows: whoever is dead may leave any
 * mess under a temporary name, but under a final one only the bytes that the registry promised.
 */
public final class LocalFiles {
  private LocalFiles() {}

  /**
   * Checks a learner's folder.
   *
   * @param folder of the learner; need not exist
   * @param registry all entries of its model
   * @param spoiled hashes of files that the drill itself has spoiled
   * @return how many files were compared
   */
  public static int check(
      Path folder, List<RegistryEntry> registry, Set<String> spoiled, Faults faults)
      throws IOException {
    Map<String, Checkpoint> known = new HashMap<>();
    for (RegistryEntry entry : registry) {
      if (!entry.rehearsed()) {
        entry.checkpoints().forEach(each -> known.put(each.name(), each));
      }
    }
    int compared = 0;
    for (Path file : files(folder)) {
      Checkpoint checkpoint = known.get(file.getFileName().toString());
      if (checkpoint == null) {
        continue;
      }
      String hash = Sha256.hex(Files.readAllBytes(file));
      compared++;
      if (!hash.equals(checkpoint.sha256()) && !spoiled.contains(hash)) {
        faults.add(
            "local file "
                + file.getFileName()
                + " is not what the registry says: expected SHA-256 "
                + checkpoint.sha256()
                + " of "
                + checkpoint.bytes()
                + " bytes, got "
                + hash
                + " of "
                + Files.size(file));
      }
    }
    return compared;
  }

  /** SHA-256 of a file, in lower-case hexadecimal. */
  public static String hash(Path file) throws IOException {
    return Sha256.hex(Files.readAllBytes(file));
  }

  /** The files in a learner's folder. */
  public static List<Path> files(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
