package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LargePagesTest {
  private static final long BYTES = LargePages.LEAST_BYTES + 12_345;

  @BeforeEach
  void linux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not here: the system is not Linux");
  }

  @Test
  void whatIsLargeIsZerosOnALargePageUntilItsArenaIsClosed() throws IOException {
    long address;
    try (Arena arena = Arena.ofShared()) {
      MemorySegment large = Objects.requireNonNull(LargePages.allocate(arena, BYTES));
      address = large.address();
      assertThat(address % (1 << 21)).isZero();
      assertThat(large.byteSize()).isEqualTo(BYTES);
      assertThat(large.mismatch(MemorySegment.ofArray(new byte[(int) BYTES]))).isEqualTo(-1);
      large.fill((byte) 7); // to its end
      assertThat(isMapped(address)).isTrue();
    }
    assertThat(isMapped(address)).isFalse();
  }

  @Test
  void whatIsSmallOrBeyondAllMeasureIsForTheJvm() {
    try (Arena arena = Arena.ofShared()) {
      assertThat(LargePages.allocate(arena, LargePages.LEAST_BYTES - 1)).isNull();
      assertThat(LargePages.allocate(arena, LargePages.MOST_BYTES + 1)).isNull();
    }
  }

  @Test
  void largeTensorsAreOfZerosAlsoWhereMemoryIsUsedAgain() {
    Shape shape = Shape.of(BYTES);
    try (var process = new ProcessMemory("test");
        var scope = new Scope(2 * BYTES)) {
      Tensor once = process.zeros(DType.U8, shape);
      once.segment().fill((byte) 7);
      assertThat(isZeros(process.zeros(DType.U8, shape))).isTrue();
      scope.zeros(DType.U8, shape).segment().fill((byte) 7);
      scope.reset();
      assertThat(isZeros(scope.zeros(DType.U8, shape))).isTrue();
    }
  }

  private static boolean isZeros(Tensor tensor) {
    return tensor.segment().mismatch(MemorySegment.ofArray(new byte[(int) BYTES])) == -1;
  }

  /** Whether a mapping of this process holds the address; proc_pid_maps(5). */
  private static boolean isMapped(long address) throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .map(line -> line.substring(0, line.indexOf(' ')).split("-", -1))
        .anyMatch(
            range ->
                Long.compareUnsigned(Long.parseUnsignedLong(range[0], 16), address) <= 0
                    && Long.compareUnsigned(address, Long.parseUnsignedLong(range[1], 16)) < 0);
  }
}
