package dev.nagare.models.onnx;

import static dev.nagare.models.onnx.OnnxBytes.FLOAT;
import static dev.nagare.models.onnx.OnnxBytes.floats;
import static dev.nagare.models.onnx.OnnxBytes.integer;
import static dev.nagare.models.onnx.OnnxBytes.integers;
import static dev.nagare.models.onnx.OnnxBytes.longs;
import static dev.nagare.models.onnx.OnnxBytes.subgraph;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.nagare.models.onnx.proto.OnnxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models with bytes changed at random are read, made a graph, or refused; nothing else happens. */
class OnnxFuzzTest {
  private static final long SEED = 20261125;

  /** Heap of one read may grow to this many bytes, of files of less than a thousandth of it. */
  private static final long MOST_BYTES = 64 << 20;

  @TempDir Path folder;

  private static int rounds() {
    return switch (System.getProperty("nagare.checks", "verify")) {
      case "verify" -> 3_000;
      case "ci" -> 60_000;
      default -> 2_000_000;
    };
  }

  private static List<byte[]> models() {
    Wire branch = new OnnxBytes().node("Identity", List.of("t"), "o").output("o").branch();
    byte[] moving =
        new OnnxBytes()
            .input("x", FLOAT, "n", 3, 4)
            .constant(longs("to", new long[] {2}, 0, -1))
            .constant(floats("w", new long[] {2, 2}, 1, 2, 3, 4))
            .constant(longs("i", new long[] {2}, 2, -1))
            .node("Transpose", List.of("x"), "t", integers("perm", 0, 2, 1))
            .node("Reshape", List.of("t", "to"), "r")
            .node("Gather", List.of("r", "i"), "g", integer("axis", 1))
            .node("Concat", List.of("g", "w"), "c", integer("axis", 0))
            .node("Shape", List.of("c"), "s")
            .node("ConstantOfShape", List.of("s"), "k")
            .node("Unsqueeze", List.of("k", "i"), "u")
            .output("u")
            .output("c")
            .bytes();
    byte[] branches =
        new OnnxBytes()
            .input("c", OnnxBytes.BOOL)
            .input("x", FLOAT, "n", 3)
            .node("Transpose", List.of("x"), "t")
            .node(
                "If",
                List.of("c"),
                "y",
                subgraph("then_branch", branch),
                subgraph("else_branch", branch))
            .output("y")
            .bytes();
    byte[] external =
        new OnnxBytes()
            .constant(OnnxBytes.external("w", new long[] {4}, "data", 0, 16))
            .output("w")
            .bytes();
    return List.of(moving, branches, external);
  }

  private static byte[] mutated(byte[] model, SplittableRandom random) {
    byte[] bytes = model.clone();
    for (int change = random.nextInt(1, 5); change > 0; change--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt();
        case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 9), (byte) 0xff);
        case 3 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
        default -> {
          int from = random.nextInt(bytes.length);
          int n = Math.min(random.nextInt(1, 40), bytes.length - Math.max(at, from));
          System.arraycopy(bytes.clone(), from, bytes, at, n);
        }
      }
    }
    return bytes;
  }

  @Test
  void aChangedModelIsReadOrRefused() throws IOException {
    var random = new SplittableRandom(SEED);
    Files.write(folder.resolve("data"), new byte[16]);
    Path path = folder.resolve("model.onnx");
    List<byte[]> models = new ArrayList<>(models());
    int graphs = 0;
    int rounds = rounds();
    for (int round = 0; round < rounds; round++) {
      byte[] bytes = mutated(models.get(round % models.size()), random);
      Files.write(path, bytes);
      long before = allocated();
      try (OnnxModel model = OnnxModel.read(path)) {
        model.graph(Map.of());
        graphs++;
      } catch (OnnxException e) {
        assertThat(e.getMessage()).startsWith("onnx: ");
      } catch (RuntimeException | Error e) {
        fail("seed " + SEED + ", round " + round + ": " + Arrays.toString(bytes), e);
      }
      assertThat(allocated() - before)
          .as("round %d of seed %d", round, SEED)
          .isLessThan(MOST_BYTES);
    }
    System.out.printf("onnx fuzz: seed %d, %d of %d were models%n", SEED, graphs, rounds);
    assertThat(graphs).isBetween(rounds / 100, rounds - 1);
  }

  private static long allocated() {
    var threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    return threads.getCurrentThreadAllocatedBytes();
  }
}
