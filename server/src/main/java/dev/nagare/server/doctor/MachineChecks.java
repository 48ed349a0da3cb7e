package dev.nagare.server.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** JDK, processor and disk. */
final class MachineChecks {
  private static final int FEATURE = 25;
  private static final long LEAST_BYTES = 128L << 20;
  private static final long ROOM_BYTES = 1L << 30;

  private MachineChecks() {}

  static Finding jdk(Runtime.Version version, String home) {
    return version.feature() == FEATURE
        ? Finding.ok("jdk", version + " in " + home)
        : Finding.fail(
            "jdk",
            version + " in " + home,
            "install a JDK 25 from https://adoptium.net and start with ./nagare");
  }

  static Finding cpu(Path cpuinfo, String architecture, int cores) {
    String machine = architecture + ", " + (cores == 1 ? "1 core" : cores + " cores");
    Set<String> flags = flags(cpuinfo);
    if (flags.isEmpty()) {
      return Finding.ok("cpu", machine + "; its features are not told here");
    }
    var names = new ArrayList<String>();
    for (Map.Entry<String, String> known :
        List.of(
            Map.entry("avx2", "AVX2"),
            Map.entry("avx512f", "AVX-512"),
            Map.entry("avx512_vnni", "VNNI"),
            Map.entry("avx512_bf16", "BF16"),
            Map.entry("amx_tile", "AMX"),
            Map.entry("asimd", "NEON"),
            Map.entry("sve", "SVE"),
            Map.entry("bf16", "BF16"))) {
      if (flags.contains(known.getKey())) {
        names.add(known.getValue());
      }
    }
    String found = machine + (names.isEmpty() ? "" : ", " + String.join(" ", names));
    return names.contains("AVX2") || names.contains("NEON")
        ? Finding.ok("cpu", found)
        : Finding.warn(
            "cpu", found + "; no AVX2", "a processor since 2013 is several times faster");
  }

  private static Set<String> flags(Path cpuinfo) {
    try (var lines = Files.lines(cpuinfo)) {
      return lines
          .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
          .findFirst()
          .map(line -> Set.copyOf(new HashSet<>(List.of(line.split("[\\s:]+")))))
          .orElse(Set.of());
    } catch (IOException e) {
      return Set.of(); // not Linux
    }
  }

  /** Looks at the folder, or at the nearest one above it that exists. */
  static Finding space(Path folder) {
    Path there = folder.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    String remedy = "free some, or choose another folder with --data";
    if (!Files.isWritable(there)) {
      return Finding.fail(
          "data", there + " cannot be written", "choose another folder with --data");
    }
    try {
      long free = Files.getFileStore(there).getUsableSpace();
      String found = "%d MB free for %s".formatted(free >> 20, folder);
      if (free < LEAST_BYTES) {
        return Finding.fail("data", found, remedy);
      }
      return free < ROOM_BYTES ? Finding.warn("data", found, remedy) : Finding.ok("data", found);
    } catch (IOException e) {
      return Finding.fail("data", there + ": " + e.getMessage(), remedy);
    }
  }
}
