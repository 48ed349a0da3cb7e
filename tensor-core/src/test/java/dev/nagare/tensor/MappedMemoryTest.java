package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class MappedMemoryTest {
  private static final int COUNT = 1 << 20;

  @TempDir private Path folder;

  private Path floats(int before) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(before + 4 * COUNT).order(ByteOrder.LITTLE_ENDIAN);
    bytes.position(before);
    for (int i = 0; i < COUNT; i++) {
      bytes.putFloat(i);
    }
    return Files.write(folder.resolve("floats-" + before), bytes.array());
  }

  /** Memory of the process in which the file lies, kB. */
  private static long residentKb(Path file) throws IOException {
    List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).endsWith(file.toString())) {
        while (!lines.get(i).startsWith("Rss:")) {
          i++;
        }
        return Long.parseLong(lines.get(i).replaceAll("\\D", ""));
      }
    }
    throw new AssertionError(file + " is not mapped");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatIsLetGoCountsNoMoreAndCanStillBeRead() throws IOException {
    Path path = floats(0);
    try (var memory = MappedMemory.open(path)) {
      Tensor tensor = memory.tensor(DType.F32, Shape.of(COUNT), 0);
      float[] read = tensor.toFloats();
      assertThat(residentKb(path)).isGreaterThan(1024);
      memory.letGo();
      assertThat(residentKb(path)).isZero();
      assertThat(tensor.toFloats()).isEqualTo(read);
    }
  }

  @Test
  void elementsThatDoNotLieAtMultiplesOfTheirSizeAreCopied() throws IOException {
    try (var memory = MappedMemory.open(floats(3))) {
      Tensor tensor = memory.tensor(DType.F32, Shape.of(COUNT), 3);
      assertThat(tensor.toFloats()).startsWith(0, 1, 2, 3).endsWith(COUNT - 1);
      assertThatThrownBy(() -> memory.tensor(DType.F32, Shape.of(COUNT), 4))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("the file has " + (4 * COUNT + 3));
    }
  }
}
