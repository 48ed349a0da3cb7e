package dev.nagare.models.onnx.export;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.TensorException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a graph as an ONNX file of opset {@value #OPSET}, weights as raw data in it.
 *
 * <pre>{@code
 * Graph graph = new Trace(kernels, memory, model.state()).of("model", inputs, forward);
 * OnnxExport.write(graph, Path.of("model.onnx"));
 * }</pre>
 *
 * <p>What passes make, such as functions that run along with a product, has no operator there:
 * export a graph as it was traced or imported. Sizes that are names stay open; what depends on them
 * is computed in the file. Attention becomes products and a softmax, whose result for a query that
 * may attend to no key is no number, where it is 0 here. Source: {@code onnx.proto}, IR version 8,
 * and the operator schemas of ONNX.
 */
public final class OnnxExport {
  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;

  private OnnxExport() {}

  /**
   * Writes a file, or nothing if it cannot be written as a whole.
   *
   * @throws TensorException kind MISMATCH if an operator has no counterpart in ONNX, with its node,
   *     or the weights are more than the 2 GB that protobuf can hold
   */
  public static void write(Graph graph, Path file) throws IOException {
    try (var memory = new ProcessMemory("onnx export")) {
      var exported = new ExportGraph(graph, memory);
      for (Node node : graph.nodes()) {
        export(exported, node);
      }
      var model =
          new ProtoWriter()
              .number(1, IR_VERSION)
              .text(2, "nagare")
              .message(7, exported.end())
              .message(8, new ProtoWriter().text(1, "").number(2, OPSET));
      if (model.size() > Integer.MAX_VALUE) {
        throw TensorException.mismatch(
            "onnx: the model takes " + model.size() + " bytes, a file holds at most 2 GB");
      }
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
        model.writeTo(out);
      }
    }
  }

  private static void export(ExportGraph to, Node node) {
    List<String> made;
    try {
      made = Exports.of(to, node);
    } catch (IllegalArgumentException e) {
      throw new TensorException(
          TensorException.Kind.MISMATCH, "node " + node.name() + ": " + e.getMessage(), e);
    }
    for (int i = 0; i < Math.min(made.size(), node.outputs().size()); i++) {
      to.name(node.outputs().get(i), made.get(i));
    }
  }
}
