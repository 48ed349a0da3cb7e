package dev.nagare.server.demo.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the load of this machine as a row of finite numbers.
 *
 * <p>Features, in order: {@code cpu0 … cpuN-1} (busy fraction since the last row), {@code load1},
 * {@code memory} (used fraction), {@code net_rx}, {@code net_tx}, {@code disk_read}, {@code
 * disk_write} (bytes a second since the last row). Not thread-safe.
 */
public interface HostTelemetry {

  /** Names of the values of a row, in order; the same in every row of this object. */
  List<String> features();

  /** What this machine does not tell, one sentence each; empty if it tells all. */
  List<String> gaps();

  /**
   * Reads the machine.
   *
   * @param row receives {@link #features()} many finite values; what cannot be known is 0
   * @param elapsedNanos time since the last call, more than 0
   * @throws IOException if the machine cannot be read
   */
  void read(float[] row, long elapsedNanos) throws IOException;

  /** The best source of this machine: {@code /proc} where there is one, else the JDK's beans. */
  static HostTelemetry open() throws IOException {
    Path proc = Path.of("/proc");
    return Files.isReadable(proc.resolve("stat"))
        ? new ProcTelemetry(proc, Path.of("/sys/block"))
        : new BeanTelemetry();
  }

  /** The names of the features of a machine with these cores. */
  static List<String> features(List<String> cores) {
    var names = new ArrayList<>(cores);
    names.addAll(List.of("load1", "memory", "net_rx", "net_tx", "disk_read", "disk_write"));
    return List.copyOf(names);
  }
}
