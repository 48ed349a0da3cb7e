package dev.nagare.server.demo.telemetry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The load of a Linux machine, from {@code /proc}. */
final class ProcTelemetry implements HostTelemetry {
  private static final int SECTOR_BYTES = 512; // in /proc/diskstats, whatever the disk has

  private final List<String> features;
  private final List<String> gaps = new ArrayList<>();
  private final CpuTimes cpu;
  private final int cores;
  private final ByteRates network = new ByteRates();
  private final ByteRates disks = new ByteRates();
  private final Predicate<String> wholeDisk;
  private final ProcFile stat;
  private final @Nullable ProcFile loadavg;
  private final @Nullable ProcFile meminfo;
  private final @Nullable ProcFile netDev;
  private final @Nullable ProcFile diskstats;

  /**
   * Opens the files and takes the first counts, so that the first row has something to compare
   * with.
   *
   * @param proc usually {@code /proc}
   * @param block usually {@code /sys/block}, which lists whole disks and no partitions
   */
  ProcTelemetry(Path proc, Path block) throws IOException {
    ProcFile cpuFile = ProcFile.open(proc.resolve("stat"));
    if (cpuFile == null) {
      throw new IOException("cannot read " + proc.resolve("stat"));
    }
    stat = cpuFile;
    cpu = new CpuTimes(stat.read());
    cores = cpu.cores().size();
    features = HostTelemetry.features(cpu.cores());
    loadavg = open(proc.resolve("loadavg"), "the load");
    meminfo = open(proc.resolve("meminfo"), "memory");
    netDev = open(proc.resolve("net/dev"), "network rates");
    diskstats = open(proc.resolve("diskstats"), "disk rates");
    wholeDisk = wholeDisks(block);
    read(new float[features.size()], 1);
  }

  private @Nullable ProcFile open(Path path, String what) throws IOException {
    ProcFile file = ProcFile.open(path);
    if (file == null) {
      gaps.add("no " + path + " here: " + what + " will be 0");
    }
    return file;
  }

  @Override
  public List<String> features() {
    return features;
  }

  @Override
  public List<String> gaps() {
    return List.copyOf(gaps);
  }

  @Override
  public void read(float[] row, long elapsedNanos) throws IOException {
    cpu.read(stat.read(), row);
    row[cores] = loadavg == null ? 0 : (float) loadavg.read().decimal();
    row[cores + 1] = meminfo == null ? 0 : memoryUsed(meminfo.read());
    network.begin();
    if (netDev != null) {
      addNetwork(netDev.read(), network);
    }
    network.end(row, cores + 2, elapsedNanos);
    disks.begin();
    if (diskstats != null) {
      addDisks(diskstats.read(), wholeDisk, disks);
    }
    disks.end(row, cores + 4, elapsedNanos);
  }

  /** The used fraction of memory: what a new program could not have. */
  static float memoryUsed(ProcText meminfo) {
    long total = 0;
    long available = -1;
    long reclaimable = 0; // kernels before 3.14 do not say what is available
    while (!meminfo.atEnd() && available < 0) {
      switch (meminfo.word()) {
        case "MemTotal" -> total = meminfo.number();
        case "MemAvailable" -> available = meminfo.number();
        case "MemFree", "Buffers", "Cached" -> reclaimable += meminfo.number();
        default -> {}
      }
      meminfo.nextLine();
    }
    long free = available < 0 ? reclaimable : available;
    return total <= 0 ? 0 : Math.clamp(1 - (float) free / total, 0f, 1f);
  }

  /** Adds each interface's bytes but those that never left the machine. */
  static void addNetwork(ProcText netDev, ByteRates rates) {
    netDev.nextLine();
    netDev.nextLine();
    while (!netDev.atEnd()) {
      String name = netDev.word();
      if (!name.isEmpty() && !name.equals("lo")) {
        long received = netDev.number();
        netDev.skip(7);
        rates.add(name, received, netDev.number());
      }
      netDev.nextLine();
    }
  }

  /** Adds each whole disk's bytes; a partition's are its disk's as well. */
  static void addDisks(ProcText diskstats, Predicate<String> wholeDisk, ByteRates rates) {
    while (!diskstats.atEnd()) {
      diskstats.skip(2);
      String name = diskstats.word();
      if (!name.isEmpty() && wholeDisk.test(name)) {
        diskstats.skip(2);
        long read = diskstats.number() * SECTOR_BYTES;
        diskstats.skip(3);
        rates.add(name, read, diskstats.number() * SECTOR_BYTES);
      }
      diskstats.nextLine();
    }
  }

  /** Disks of hardware: neither partitions, nor what lies in memory or on top of other disks. */
  static Predicate<String> wholeDisks(Path block) {
    boolean listed = Files.isDirectory(block);
    return name ->
        !name.matches("(loop|ram|zram|dm-|md|sr|fd|nbd).*")
            && (listed
                ? Files.exists(block.resolve(name.replace('/', '!')))
                : name.matches("[shv]d[a-z]+|xvd[a-z]+|nvme\\d+n\\d+|mmcblk\\d+"));
  }
}
