package dev.nagare.server.demo.telemetry;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The load of a machine without {@code /proc}, as far as the JDK's beans know it: the load of all
 * cores together stands for each of them, network and disk rates are 0.
 */
final class BeanTelemetry implements HostTelemetry {
  private final int cores = Runtime.getRuntime().availableProcessors();
  private final List<String> features =
      HostTelemetry.features(IntStream.range(0, cores).mapToObj(i -> "cpu" + i).toList());
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  @Override
  public List<String> features() {
    return features;
  }

  @Override
  public List<String> gaps() {
    return List.of(
        "no /proc here: all cores show the load of the whole machine, network and disk rates are"
            + " 0");
  }

  @Override
  public void read(float[] row, long elapsedNanos) {
    float busy = known(system.getCpuLoad());
    for (int i = 0; i < cores; i++) {
      row[i] = busy;
    }
    row[cores] = known(system.getSystemLoadAverage());
    long total = system.getTotalMemorySize();
    row[cores + 1] = total <= 0 ? 0 : 1 - (float) system.getFreeMemorySize() / total;
    for (int i = cores + 2; i < row.length; i++) {
      row[i] = 0;
    }
  }

  /** The beans say a negative number, or none, for what they do not know. */
  private static float known(double value) {
    return value > 0 ? (float) value : 0;
  }
}
