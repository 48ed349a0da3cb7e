package dev.nagare.streaming.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.rehearsal.FileLayer;
import dev.nagare.streaming.rehearsal.Rehearsal;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
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
    assertThat(checkpoint.lineage()).isEqualTo(lineage(12));
    assertThat(checkpoint.stateInput().readLong()).isEqualTo(12);
  }

  @Test
  void readsABlobOnlyIfItHasTheHashOfTheRegistry() throws IOException {
    write(FileLayer.DISK, 12);
    byte[] blob = Files.readAllBytes(folder.resolve(name(12)));
    String hash = Sha256.hex(Sha256.of(blob));
    assertThat(open(FileLayer.DISK).read(name(12), hash)).hasValue(blob);
    assertThat(open(FileLayer.DISK).read(name(13), hash)).isEmpty();
    assertThat(open(FileLayer.DISK).read(name(12), hash.replace('0', '1'))).isEmpty();
    assertThat(names()).containsExactly(name(12) + ".damaged");
  }

  @Test
  void keepsOnlyWhatTheRegistryNames() throws IOException {
    for (long step : new long[] {8, 9, 10, 11, 100}) {
      write(FileLayer.DISK, step);
    }
    open(FileLayer.DISK).retain(Set.of(name(9), name(100)));
    assertThat(names()).containsExactly(name(100), name(9));
    assertThat(newest().step()).isEqualTo(100);
  }

  @Test
  void passesOverADamagedOneByteByByte() throws IOException {
    write(FileLayer.DISK, 1);
    write(FileLayer.DISK, 2);
    Path file = folder.resolve(name(2));
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
      Files.write(folder.resolve(name(step)), new byte[50]);
    }
    assertThat(open(FileLayer.DISK).newest()).isEmpty();
    write(FileLayer.DISK, 1);
    assertThat(newest().step()).isEqualTo(1);
    assertThat(names()).contains(name(1), name(102) + ".damaged");
  }

  @ParameterizedTest(name = "dies at step {0} of the write")
  @ValueSource(ints = {0, 1, 2, 3, 4})
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
    assertThat(new HashSet<>(names()))
        .contains(name(1), name(5))
        .noneMatch(name -> name.endsWith(".tmp"));
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
    assertThat(names()).containsExactly(name(1));
    assertThat(newest().step()).isEqualTo(1);
  }

  private void write(FileLayer files, long step) throws IOException {
    byte[] state = java.nio.ByteBuffer.allocate(Long.BYTES).putLong(step).array();
    byte[] digest = new byte[Sha256.BYTES];
    open(files)
        .write(
            name(step),
            new Checkpoint("configuration", step, lineage(step), digest, state).toBytes());
  }

  private CheckpointFolder open(FileLayer files) throws IOException {
    return new CheckpointFolder(
        folder,
        new Rehearsal() {
          @Override
          public FileLayer files() {
            return files;
          }
        });
  }

  private static Lineage lineage(long step) {
    return new Lineage("m.requests", 0, 0, 100 + step, 99 + step, 1, 0);
  }

  private static String name(long step) {
    return new CheckpointName("m-1", step, 100 + step, "17-3").toString();
  }

  private Checkpoint newest() throws IOException {
    return open(FileLayer.DISK).newest().orElseThrow();
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
