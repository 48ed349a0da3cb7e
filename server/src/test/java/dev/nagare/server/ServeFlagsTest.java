package dev.nagare.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import io.netty.util.internal.PlatformDependent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a JVM with the server's flags may take. */
class ServeFlagsTest {
  private static final long MODEL_BYTES = 300L << 20;

  /** A process that holds a model which is larger than its heap. */
  static final class Large {
    private Large() {}

    public static void main(String[] args) {
      try (var memory = new ProcessMemory("a large model")) {
        long bytes = memory.empty(DType.U8, Shape.of(MODEL_BYTES)).elements();
        System.out.println(bytes + " bytes, doors " + PlatformDependent.maxDirectMemory());
      }
    }
  }

  @Test
  void aModelMayBeLargerThanTheHeapAndTheDoorsMayNot() throws Exception {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "@" + Path.of("src/main/jvm/serve.args"),
                    "-cp",
                    System.getProperty("java.class.path"),
                    Large.class.getName()))
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).contains(MODEL_BYTES + " bytes, doors " + (64 << 20));
  }
}
