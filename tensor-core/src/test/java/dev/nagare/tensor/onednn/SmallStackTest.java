package dev.nagare.tensor.onednn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.KernelProviders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A native stack overflow cannot be caught, so the JVM under test is another one. */
class SmallStackTest {

  @Test
  void aJvmWithSmallStacksComputesInsteadOfCrashing() throws Exception {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xss256k",
                "--enable-native-access=ALL-UNNAMED",
                "--add-modules=jdk.incubator.vector",
                "-cp",
                System.getProperty("java.class.path"),
                SmallStackTest.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(output).isZero();
    assertThat(output).contains("product 6.0");
  }

  /** In the child: opens the library, makes a primitive, runs it. */
  public static void main(String[] arguments) {
    var kernels = KernelProviders.byName("onednn").kernels();
    try (var scope = new Scope(1 << 16)) {
      var a = scope.of(Shape.of(2, 3), 1, 1, 1, 1, 1, 1);
      var b = scope.of(Shape.of(3, 1), 1, 2, 3);
      var out = scope.empty(DType.F32, Shape.of(2, 1));
      kernels.matmul(a, false, b, false, null, out, false);
      System.out.println("product " + out.get(1));
    }
  }
}
