package dev.nagare.models.onnx;

import static dev.nagare.models.onnx.OnnxBytes.INT64;
import static dev.nagare.models.onnx.OnnxBytes.floats;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Ids {@code [N, S]} through an embedding and an attention of two heads, as a file. */
final class Encoder {
  static final int WIDTH = 40;
  static final int HEADS = 2;
  static final double SCALE = 0.25;

  private static final int[] FACTORS = {7919, 6007, 3571};

  private Encoder() {}

  static Path write(Path folder, double scale) throws IOException {
    return write(folder, scale, 0);
  }

  /**
   * Writes it.
   *
   * @param scale of the scores
   * @param more by which weights differ from those of 0
   */
  static Path write(Path folder, double scale, int more) throws IOException {
    var bytes =
        new OnnxBytes()
            .input("ids", INT64, "N", "S")
            .constant(floats("table", new long[] {7, WIDTH}, numbers(7 * WIDTH, 104729 + more)))
            .constant(floats("scale", new long[] {1}, (float) scale))
            .constant(OnnxBytes.longs("split", new long[] {4}, 0, 0, HEADS, (long) WIDTH / HEADS))
            .constant(OnnxBytes.longs("join", new long[] {3}, 0, 0, WIDTH))
            .node("Gather", List.of("table", "ids"), "x");
    for (int i = 0; i < 3; i++) {
      String name = "qkv".substring(i, i + 1);
      long[] order = i == 1 ? new long[] {0, 2, 3, 1} : new long[] {0, 2, 1, 3};
      float[] weights = numbers(WIDTH * WIDTH, FACTORS[i] + more);
      bytes
          .constant(floats(name + ".w", new long[] {WIDTH, WIDTH}, weights))
          .node("MatMul", List.of("x", name + ".w"), name + ".p")
          .node("Reshape", List.of(name + ".p", "split"), name + ".s")
          .node("Transpose", List.of(name + ".s"), name, OnnxBytes.integers("perm", order));
    }
    return bytes
        .node("MatMul", List.of("q", "k"), "products")
        .node("Mul", List.of("products", "scale"), "scores")
        .node("Softmax", List.of("scores"), "weights", OnnxBytes.integer("axis", -1))
        .node("MatMul", List.of("weights", "v"), "heads")
        .node("Transpose", List.of("heads"), "back", OnnxBytes.integers("perm", 0, 2, 1, 3))
        .node("Reshape", List.of("back", "join"), "y")
        .output("y")
        .write(folder);
  }

  static float[] numbers(int count, int factor) {
    float[] made = new float[count];
    for (int i = 0; i < count; i++) {
      made[i] = (float) (((long) i * factor % 128 - 64) / 256.0);
    }
    return made;
  }
}
