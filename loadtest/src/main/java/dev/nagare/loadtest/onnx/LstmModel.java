package dev.nagare.loadtest.onnx;

import dev.nagare.loadtest.onnx.OnnxGraph.Attribute;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * An LSTM and a linear head on its last step, with the nodes that a PyTorch export of a {@code
 * batch_first} module has: {@code window [N, 32, 8] -> forecast [N, 10]}, 64 units. The first state
 * is zeros of a shape that is computed from the input's.
 */
public final class LstmModel {
  /** Steps of a window. */
  public static final int TIME = 32;

  /** Features of a step. */
  public static final int INPUT = 8;

  private static final int HIDDEN = 64;
  private static final int OUTPUT = 10;
  private static final long SEED = 32;
  private static final int OPSET = 17;

  private final OnnxGraph graph = new OnnxGraph("lstm");

  private LstmModel() {}

  /** Writes it. */
  public static void write(Path file) throws IOException {
    new LstmModel().build(file);
  }

  private void build(Path file) throws IOException {
    graph.input("window", "N", TIME, INPUT);
    firstState();
    graph.node("Transpose", List.of("window"), "steps", Attribute.of("perm", 1, 0, 2));
    weight("lstm.W", 1, 4 * HIDDEN, INPUT);
    weight("lstm.R", 1, 4 * HIDDEN, HIDDEN);
    weight("lstm.B", 1, 8 * HIDDEN);
    graph.node(
        "LSTM",
        List.of("steps", "lstm.W", "lstm.R", "lstm.B", "", "state", "state"),
        "hidden.directions",
        Attribute.of("hidden_size", HIDDEN));
    graph.longs("one", new long[] {1}, 1);
    graph.node("Squeeze", List.of("hidden.directions", "one"), "hidden.steps");
    graph.node("Transpose", List.of("hidden.steps"), "hidden", Attribute.of("perm", 1, 0, 2));
    graph.longs("last", new long[] {-1});
    graph.node("Gather", List.of("hidden", "last"), "hidden.last", Attribute.of("axis", 1));
    weight("head.weight", OUTPUT, HIDDEN);
    weight("head.bias", OUTPUT);
    graph.node(
        "Gemm",
        List.of("hidden.last", "head.weight", "head.bias"),
        "forecast",
        Attribute.of("transB", 1));
    graph.output("forecast", "N", OUTPUT);
    graph.write(file, OPSET);
  }

  private void firstState() {
    graph.longs("axis.batch", new long[] {0});
    graph.longs("axis.first", new long[] {0}, 1);
    graph.longs("directions", new long[] {1}, 1);
    graph.longs("units", new long[] {HIDDEN}, 1);
    graph.node("Shape", List.of("window"), "sizes");
    graph.node("Gather", List.of("sizes", "axis.batch"), "batch", Attribute.of("axis", 0));
    graph.node("Unsqueeze", List.of("batch", "axis.first"), "batch.list");
    graph.node(
        "Concat",
        List.of("directions", "batch.list", "units"),
        "state.shape",
        Attribute.of("axis", 0));
    graph.node("ConstantOfShape", List.of("state.shape"), "state", Attribute.scalar("value", 0));
  }

  private void weight(String name, long... dims) {
    double bound = 1 / Math.sqrt(HIDDEN);
    int count = (int) Arrays.stream(dims).reduce(1, Math::multiplyExact);
    graph.floats(name, () -> Seeded.uniform(SEED, name, count, -bound, bound), dims);
  }
}
