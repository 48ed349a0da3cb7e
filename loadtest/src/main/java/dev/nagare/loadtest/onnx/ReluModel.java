package dev.nagare.loadtest.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code x [N, 16] -> y = max(x, 0)}: a model that costs next to nothing, so that all else shows.
 */
public final class ReluModel {
  /** Values of a row. */
  public static final int WIDTH = 16;

  private static final int OPSET = 17;

  private ReluModel() {}

  /** Writes it. */
  public static void write(Path file) throws IOException {
    var graph = new OnnxGraph("relu");
    graph.input("x", "N", WIDTH);
    graph.node("Relu", List.of("x"), "y");
    graph.output("y", "N", WIDTH);
    graph.write(file, OPSET);
  }
}
