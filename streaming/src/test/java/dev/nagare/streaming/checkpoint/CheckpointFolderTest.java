package dev.nagare.streaming.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointFolderTest {
  @TempDir Path folder;

  @Test
  void readsBackWhatItWrote() throws IOException {
    write(FileLayer.DISK, 12);
    Checkpoint checkpoint = newest();
    assertThat(checkpoint.configuration()).isEqualTo("configuration");
    assertThat(checkpoint.step()).isEqualTo(12);
    assertThat(checkpoint.lineage()).isEqualTo(new Lineage("m.requests", 0, 112));
    assertThat(checkpoint.state().readLong()).isEqualTo(12);
  }

  @Test
  void keepsTheLastThree() throws IOException {
    for (long step : new long[] {8, 9, 10, 11, 100}) {
      write(FileLayer.DISK, step);
    }
    assertThat(names()).containsExactly("checkpoint-10", "checkpoint-100", "checkpoint-11");
    assertThat(newest().step()).isEqualTo(100);
  }

  @Test
  void passesOverADamagedOneByteByByte() throws IOException {
    write(FileLayer.DISK, 1);
    write(FileLayer.DISK, 2);
    Path file = folder.resolve("checkpoint-2");
    byte[] good = Files.readAllBytes(file);
    for (int at = 0; at < good.length; at++) {
      byte[] damaged = good.clone();
      damaged[at] ^= 1;
      Files.write(file, damaged);
      assertThat(newest().step()).as("byte %d", at).isEqualTo(1);
    }
    for (int length = 0; length < good.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(good, length));
      assertThat(newest().step()).as("length %d", length).isEqualTo(1);
    }
    Files.write(file, good);
    assertThat(newest().step()).isEqualTo(2);
  }

  @Test
  void neverDeletesANewOneForDamagedOnesOfLaterSteps() throws IOException {
    for (long step = 100; step <= 102; step++) {
      write(FileLayer.DISK, step);
      Files.write(folder.resolve("checkpoint-" + step), new byte[50]);
    }
    assertThat(new CheckpointFolder(folder, FileLayer.DISK).newest()).isEmpty();
    write(FileLayer.DISK, 1);
    assertThat(newest().step()).isEqualTo(1);
    assertThat(names()).contains("checkpoint-1", "checkpoint-102.damaged");
  }

  @ParameterizedTest(name = "dies at step {0} of the write")
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6})
  void leavesAGoodOneWhereverTheProcessDies(int dyingAt) throws IOException {
    for (long step = 1; step <= 3; step++) {
      write(FileLayer.DISK, step);
    }
    var dying = new Dying(dyingAt);
    assertThatThrownBy(() -> write(dying, 4)).isInstanceOf(IOException.class);
    // Renamed or not is what a crash may leave; either way the newest is whole.
    assertThat(newest().step()).isEqualTo(dying.renamed ? 4 : 3);
    write(FileLayer.DISK, 5);
    assertThat(newest().step()).isEqualTo(5);
    assertThat(names()).hasSize(3).noneMatch(name -> name.endsWith(".tmp"));
  }

  @Test
  void removesTheTemporaryFileWhenTheDiskIsFull() throws IOException {
    write(FileLayer.DISK, 1);
    FileLayer full =
        new FileLayer() {
          @Override
          public void sync(Path file) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    assertThatThrownBy(() -> write(full, 2)).hasMessage("No space left on device");
    assertThat(names()).containsExactly("checkpoint-1");
    assertThat(newest().step()).isEqualTo(1);
  }

  private void write(FileLayer files, long step) throws IOException {
    new CheckpointFolder(folder, files)
        .write(
            "configuration",
            step,
            new Lineage("m.requests", 0, 100 + step),
            out -> out.writeLong(step));
  }

  private Checkpoint newest() throws IOException {
    return new CheckpointFolder(folder, FileLayer.DISK).newest().orElseThrow();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** A disk under a process that dies: from some step on, nothing happens any more. */
  private static final class Dying implements FileLayer {
    private int left;
    private boolean renamed;

    Dying(int steps) {
      left = steps;
    }

    private void step() throws IOException {
      if (left-- <= 0) {
        throw new IOException("dead");
      }
    }

    @Override
    public OutputStream create(Path file) throws IOException {
      step();
      var out = FileLayer.super.create(file);
      return new OutputStream() {
        @Override
        public void write(int b) throws IOException {
          out.write(b);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
          out.write(bytes, from, length / 2);
          step();
          out.write(bytes, from + length / 2, length - length / 2);
        }

        @Override
        public void close() throws IOException {
          out.close();
        }
      };
    }

    @Override
    public void sync(Path file) throws IOException {
      step();
      FileLayer.super.sync(file);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
      step();
      FileLayer.super.rename(from, to);
      renamed = true;
      step();
    }

    @Override
    public void syncFolder(Path at) throws IOException {
      step();
      FileLayer.super.syncFolder(at);
    }

    @Override
    public void delete(Path file) throws IOException {
      step();
      FileLayer.super.delete(file);
    }
  }
}
