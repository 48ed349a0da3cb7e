package dev.nagare.server;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.Unary;
import dev.nagare.models.onnx.export.OnnxExport;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An ONNX file whose products BF16 rounds: {@code y = relu(x·a)·b}, F32 [N, 3]. */
public final class RoundedModel {
  private static final int INNER = 8;

  private RoundedModel() {}

  /** Writes the file, and the folders that it lies in. */
  public static Path write(Path file) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (var memory = new ProcessMemory("rounded model")) {
      var graph = new Graph("rounded");
      Value x = graph.input("x", DType.F32, Dim.named("N"), Dim.of(3));
      var product = new MatMul(false, false);
      Value a = graph.constant("a", random(memory, 0, 3, INNER));
      Value b = graph.constant("b", random(memory, 1, INNER, 3));
      Value inner = graph.add(new Unary(Unary.Function.RELU), graph.add(product, x, a));
      graph.output("y", graph.add(product, inner, b));
      OnnxExport.write(graph, file);
    }
    return file;
  }

  private static Tensor random(ProcessMemory memory, int stream, long... dims) {
    Tensor tensor = memory.empty(DType.F32, Shape.of(dims));
    var random = new CounterRandom(1, 0, stream);
    for (int i = 0; i < tensor.elements(); i++) {
      tensor.set(i, random.uniform(i) - 0.5);
    }
    return tensor;
  }
}
