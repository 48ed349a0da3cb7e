package dev.nagare.server.demo.telemetry;

import java.util.ArrayList;
import java.util.List;

/**
 * The busy fraction of each core, from the lines {@code cpuN} of {@code /proc/stat}: ticks that
 * were neither idle nor waiting for a disk, over all ticks since the last read.
 *
 * <p>A tick is 10 ms, so at ten rows a second a fraction comes in steps of about a tenth. A core
 * that is taken offline is idle; one that comes later is not seen.
 */
final class CpuTimes {
  private final List<String> cores = new ArrayList<>();
  private final long[] busy;
  private final long[] all;

  /** Learns which cores there are, and their first counts. */
  CpuTimes(ProcText stat) {
    while (!stat.atEnd()) {
      String name = stat.word();
      if (isCore(name)) {
        cores.add(name);
      }
      stat.nextLine();
    }
    busy = new long[cores.size()];
    all = new long[cores.size()];
  }

  /** Names of the cores, as the kernel numbers them. */
  List<String> cores() {
    return List.copyOf(cores);
  }

  /** Writes one fraction per core to the beginning of the row. */
  void read(ProcText stat, float[] row) {
    for (int i = 0; i < busy.length; i++) {
      row[i] = 0;
    }
    while (!stat.atEnd()) {
      String name = stat.word();
      if (!name.startsWith("cpu")) {
        break; // The cores come first; what follows is long and of no use here.
      }
      int core = cores.indexOf(name);
      if (core >= 0) {
        row[core] = fraction(core, stat);
      }
      stat.nextLine();
    }
  }

  private float fraction(int core, ProcText stat) {
    // user nice system idle iowait irq softirq steal; a guest's time is in user's.
    long working = stat.number() + stat.number() + stat.number();
    long resting = stat.number() + stat.number();
    working += stat.number() + stat.number() + stat.number();
    long total = working + resting;
    long busyTicks = working - busy[core];
    long allTicks = total - all[core];
    busy[core] = working;
    all[core] = total;
    // iowait may run backwards, and a core that comes back may start from 0.
    return allTicks <= 0 ? 0 : Math.clamp((float) busyTicks / allTicks, 0f, 1f);
  }

  private static boolean isCore(String name) {
    return name.startsWith("cpu") && name.length() > 3 && Character.isDigit(name.charAt(3));
  }
}
