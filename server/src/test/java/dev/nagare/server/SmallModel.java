package dev.nagare.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An ONNX file of one operator: {@code y = relu(x)}, F32 [N, 3]. */
public final class SmallModel {
  private SmallModel() {}

  /** Writes the file, and the folders that it lies in. */
  public static Path write(Path file) throws IOException {
    return new OnnxFile()
        .input("x", OnnxFile.FLOAT, "N", 3)
        .node("Relu", List.of("x"), "y")
        .output("y", OnnxFile.FLOAT, "N", 3)
        .write(file);
  }
}
