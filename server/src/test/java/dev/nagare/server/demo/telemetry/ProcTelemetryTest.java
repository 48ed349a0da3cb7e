package dev.nagare.server.demo.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcTelemetryTest {
  private static final long SECOND = 1_000_000_000L;

  @TempDir Path proc;
  @TempDir Path block;

  @BeforeEach
  void aMachine() throws IOException {
    write(
        "stat",
        """
        cpu  300 0 100 1600 0 0 0 0 0 0
        cpu0 100 0 50 850 0 0 0 0 0 0
        cpu1 200 0 50 750 0 0 0 0 0 0
        intr 476643 0 0
        """);
    write("loadavg", "0.52 0.31 0.20 1/234 5678\n");
    write(
        "meminfo",
        """
        MemTotal:       24683420 kB
        MemFree:         9000000 kB
        MemAvailable:   18512565 kB
        """);
    Files.createDirectory(proc.resolve("net"));
    write(
        "net/dev",
        """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo:   39599     428    0    0    0     0          0         0    39599     428    0    0    0     0       0          0
          eth0: 1000 1 0 0 0 0 0 0 5000 1 0 0 0 0 0 0
        """);
    write(
        "diskstats",
        """
           7       0 loop0 10 0 9999 0 10 0 9999 0 0 0 0 0 0 0 0 0 0
         254       0 vda 100 0 1000 5 200 0 4000 9 0 0 0 0 0 0 0 0 0
         254       1 vda1 100 0 1000 5 200 0 4000 9 0 0 0 0 0 0 0 0 0
         252       0 zram0 1 0 77 0 1 0 77 0 0 0 0 0 0 0 0 0 0
        """);
    for (String disk : new String[] {"loop0", "vda", "zram0"}) {
      Files.createDirectory(block.resolve(disk));
    }
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(proc.resolve(file), text);
  }

  @Test
  void readsWhatChangedSinceTheLastRow() throws IOException {
    var telemetry = new ProcTelemetry(proc, block);
    assertThat(telemetry.features())
        .containsExactly(
            "cpu0", "cpu1", "load1", "memory", "net_rx", "net_tx", "disk_read", "disk_write");
    assertThat(telemetry.gaps()).isEmpty();

    write(
        "stat",
        """
        cpu  310 0 100 1610 0 0 0 0 0 0
        cpu0 102 0 51 857 0 0 0 0 0 0
        cpu1 210 0 50 750 0 0 0 0 0 0
        """);
    write("net/dev", "\n\n  lo: 9 1 0 0 0 0 0 0 9 1\n  eth0:3000 1 0 0 0 0 0 0 5500 1 0\n");
    write("diskstats", "254 0 vda 100 0 1010 5 200 0 4100 9\n254 1 vda1 1 0 9000 0 1 0 9000 0\n");
    float[] row = new float[8];
    telemetry.read(row, SECOND / 2);

    assertThat(row[0]).isEqualTo(0.3f, within(1e-6f)); // 3 of 10 ticks
    assertThat(row[1]).isEqualTo(1f);
    assertThat(row[2]).isEqualTo(0.52f);
    assertThat(row[3]).isEqualTo(0.25f, within(1e-3f));
    assertThat(row[4]).isEqualTo(4000f); // 2000 bytes in half a second
    assertThat(row[5]).isEqualTo(1000f);
    assertThat(row[6]).isEqualTo(10 * 512 * 2f); // the disk, not its partition
    assertThat(row[7]).isEqualTo(100 * 512 * 2f);
  }

  @Test
  void staysFiniteWhenCountersWrapDevicesVanishAndCoresGoAway() throws IOException {
    var telemetry = new ProcTelemetry(proc, block);
    write("stat", "cpu 1 1 1 1\ncpu0 5 0 0 1 0 0 0 0\n");
    write("net/dev", "\n\n wlan0: 18446744073709551615 0 0 0 0 0 0 0 1\n");
    write("diskstats", "254 0 vda 1 0 2 0 1 0 3 0\n");
    float[] row = new float[8];
    telemetry.read(row, SECOND);

    assertThat(row[0]).isZero(); // its ticks went back
    assertThat(row[1]).isZero(); // it is gone
    for (int i = 4; i < 8; i++) {
      assertThat(row[i]).isZero();
    }
  }

  @Test
  void saysWhatTheMachineDoesNotTell() throws IOException {
    Files.delete(proc.resolve("diskstats"));
    var telemetry = new ProcTelemetry(proc, block);
    assertThat(telemetry.gaps())
        .singleElement()
        .asString()
        .contains("diskstats")
        .contains("disk rates will be 0");
    float[] row = new float[8];
    telemetry.read(row, SECOND);
    assertThat(row[6]).isZero();
  }

  @Test
  void readsTextThatIsLongerThanItsMemory() throws IOException {
    write("stat", "cpu0 100 0 50 850\n" + "intr 1 2 3\n".repeat(2000));
    var telemetry = new ProcTelemetry(proc, block);
    assertThat(telemetry.features()).startsWith("cpu0", "load1");
  }

  @Test
  void memoryOfAnOldKernelCountsWhatCanBeReclaimed() {
    ProcText old =
        ProcText.of("MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 50 kB\nCached: 50 kB\n");
    assertThat(ProcTelemetry.memoryUsed(old)).isEqualTo(0.8f, within(1e-6f));
  }

  @Test
  void knowsWholeDisksWithoutTheListOfTheKernel() {
    var whole = ProcTelemetry.wholeDisks(block.resolve("missing"));
    assertThat(whole).accepts("sda", "vdb", "xvda", "nvme0n1", "mmcblk0");
    assertThat(whole).rejects("sda1", "nvme0n1p1", "mmcblk0p2", "loop0", "dm-0", "md127", "zram0");
  }

  @Test
  void everyMachineGivesARowOfFiniteNumbers() throws IOException {
    for (HostTelemetry telemetry :
        new HostTelemetry[] {HostTelemetry.open(), new BeanTelemetry()}) {
      float[] row = new float[telemetry.features().size()];
      telemetry.read(row, SECOND / 10);
      for (float value : row) {
        assertThat(value).isFinite().isNotNegative();
      }
    }
  }
}
