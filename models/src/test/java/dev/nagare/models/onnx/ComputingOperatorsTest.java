package dev.nagare.models.onnx;

import static dev.nagare.models.onnx.OnnxBytes.FLOAT;
import static dev.nagare.models.onnx.OnnxBytes.INT64;
import static dev.nagare.models.onnx.OnnxBytes.floats;
import static dev.nagare.models.onnx.OnnxBytes.integer;
import static dev.nagare.models.onnx.OnnxBytes.integers;
import static dev.nagare.models.onnx.OnnxBytes.longs;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.graph.Interpreter;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where operator sets differ, and what the ONNX suite does not try. */
class ComputingOperatorsTest {
  @TempDir Path folder;
  private final Scope scope = new Scope(1 << 16);

  @AfterEach
  void close() {
    scope.close();
  }

  private Tensor run(OnnxBytes bytes, Tensor x) throws IOException {
    try (OnnxModel model = OnnxModel.read(bytes.write(folder))) {
      return scope.copyOf(
          Interpreter.run(
                  model.graph(Map.of()),
                  KernelProviders.byName("scalar").kernels(),
                  Map.of("x", x),
                  scope)
              .values()
              .iterator()
              .next());
    }
  }

  private static OnnxBytes model(long opset, Object... sizes) {
    return new OnnxBytes().opset(opset).input("x", FLOAT, sizes).output("y");
  }

  private static Wire text(String name, String value) {
    return new Wire().text(1, name).text(4, value).varint(20, 3);
  }

  @Test
  void softmaxSawAMatrixUntilOpset12() throws IOException {
    Tensor x = scope.zeros(DType.F32, Shape.of(2, 2, 4));
    Tensor old = run(model(11, 2, 2, 4).node("Softmax", List.of("x"), "y"), x);
    assertThat(old.shape()).isEqualTo(x.shape());
    assertThat(old.toFloats()).containsOnly(0.125f);
    Tensor now = run(model(13, 2, 2, 4).node("Softmax", List.of("x"), "y"), x);
    assertThat(now.toFloats()).containsOnly(0.25f);
    Tensor logs =
        run(model(12, 2, 2, 4).node("LogSoftmax", List.of("x"), "y", integer("axis", 0)), x);
    assertThat(logs.get(0)).isCloseTo(-Math.log(16), within(1e-6));
  }

  @Test
  void axesWereAttributes() throws IOException {
    Tensor x = scope.of(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    Wire axes = integers("axes", -1);
    Wire drop = integer("keepdims", 0);
    assertThat(run(model(12, 2, 3).node("ReduceSum", List.of("x"), "y", axes, drop), x).toFloats())
        .containsExactly(6, 15);
    OnnxBytes input =
        model(13, 2, 3)
            .constant(longs("axes", new long[] {1}, 0))
            .node("ReduceSum", List.of("x", "axes"), "y", drop);
    assertThat(run(input, x).toFloats()).containsExactly(5, 7, 9);
    OnnxBytes nothing =
        model(18, 2, 3).node("ReduceMax", List.of("x"), "y", integer("noop_with_empty_axes", 1));
    assertThat(run(nothing, x).toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void boundsWereAttributes() throws IOException {
    Tensor x = scope.of(Shape.of(3), -2, 0.5f, 9);
    Wire low = new Wire().text(1, "min").fixed(2, 0).varint(20, 1);
    Wire high = new Wire().text(1, "max").fixed(2, 6).varint(20, 1);
    assertThat(run(model(10, 3).node("Clip", List.of("x"), "y", low, high), x).toFloats())
        .containsExactly(0, 0.5f, 6);
    OnnxBytes inputs =
        model(11, 3)
            .constant(floats("six", new long[0], 6))
            .node("Clip", List.of("x", "", "six"), "y");
    assertThat(run(inputs, x).toFloats()).containsExactly(-2, 0.5f, 6);
  }

  @Test
  void paddingFollowsFromSizes() throws IOException {
    Tensor x = scope.of(Shape.of(1, 1, 4), 1, 2, 3, 4);
    OnnxBytes upper = pooled("SAME_UPPER");
    assertThat(run(upper, x).toFloats()).containsExactly(3, 4);
    assertThat(run(pooled("SAME_LOWER"), x).toFloats()).containsExactly(2, 4);
    OnnxBytes open =
        model(17, 1, 1, "w")
            .node(
                "MaxPool",
                List.of("x"),
                "y",
                integers("kernel_shape", 3),
                integers("strides", 2),
                text("auto_pad", "SAME_UPPER"));
    assertThatThrownBy(() -> run(open, x)).hasMessageContaining("depends on the size w");
  }

  private static OnnxBytes pooled(String auto) {
    return model(17, 1, 1, 4)
        .node(
            "MaxPool",
            List.of("x"),
            "y",
            integers("kernel_shape", 3),
            integers("strides", 2),
            text("auto_pad", auto));
  }

  @Test
  void gatesComeInOnnxOrder() throws IOException {
    // hidden 1, input 1, no recurrence: i, o, f, c of the weight are 1, 2, 3, 4
    OnnxBytes lstm =
        model(14, 1, 1, 1)
            .constant(floats("w", new long[] {1, 4, 1}, 1, 2, 3, 4))
            .constant(floats("r", new long[] {1, 4, 1}, 0, 0, 0, 0))
            .constant(floats("b", new long[] {1, 8}, 0.1f, 0.2f, 0.3f, 0.4f, 0.1f, 0, 0, 0))
            .constant(longs("n", new long[] {1}, 1))
            .constant(floats("h", new long[] {1, 1, 1}, 0))
            .constant(floats("c", new long[] {1, 1, 1}, 0.5f))
            .node(
                "LSTM", List.of("x", "w", "r", "b", "", "h", "c"), "y", integer("hidden_size", 1));
    Tensor x = scope.of(Shape.of(1, 1, 1), 0.25f);
    double i = sigmoid(0.25 + 0.2);
    double o = sigmoid(0.5 + 0.2);
    double f = sigmoid(0.75 + 0.3);
    double c = f * 0.5 + i * Math.tanh(1 + 0.4);
    assertThat(run(lstm, x).get(0)).isCloseTo(o * Math.tanh(c), within(1e-6));
  }

  @Test
  void aGruMayResetAfterTheProduct() throws IOException {
    OnnxBytes gru =
        model(14, 1, 1, 1)
            .constant(floats("w", new long[] {1, 3, 1}, 1, 2, 3))
            .constant(floats("r", new long[] {1, 3, 1}, 0.1f, 0.2f, 0.3f))
            .constant(floats("b", new long[] {1, 6}, 0.1f, 0.2f, 0.3f, 0, 0, 0.5f))
            .constant(floats("h", new long[] {1, 1, 1}, 0.5f))
            .node(
                "GRU",
                List.of("x", "w", "r", "b", "", "h"),
                "y",
                integer("hidden_size", 1),
                integer("linear_before_reset", 1));
    Tensor x = scope.of(Shape.of(1, 1, 1), 0.25f);
    double z = sigmoid(0.25 + 0.1 + 0.05);
    double r = sigmoid(0.5 + 0.2 + 0.1);
    double n = Math.tanh(0.75 + 0.3 + r * (0.15 + 0.5));
    assertThat(run(gru, x).get(0)).isCloseTo((1 - z) * n + z * 0.5, within(1e-6));
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void aProductScalesAndAdds() throws IOException {
    OnnxBytes gemm =
        model(13, 1, 2)
            .constant(floats("w", new long[] {3, 2}, 1, 2, 3, 4, 5, 6))
            .constant(floats("c", new long[] {3}, 1, 2, 3))
            .node(
                "Gemm",
                List.of("x", "w", "c"),
                "y",
                new Wire().text(1, "alpha").fixed(2, 0.5f).varint(20, 1),
                new Wire().text(1, "beta").fixed(2, 2).varint(20, 1),
                integer("transB", 1));
    assertThat(run(gemm, scope.of(Shape.of(1, 2), 2, 4)).toFloats())
        .containsExactly(5 + 2, 11 + 4, 17 + 6);
  }

  @Test
  void whatIsNotSupportedIsRefused() {
    OnnxBytes training =
        model(15, 1, 1, 2)
            .constant(floats("s", new long[] {1}, 1))
            .node(
                "BatchNormalization",
                List.of("x", "s", "s", "s", "s"),
                "y",
                integer("training_mode", 1));
    assertThatThrownBy(() -> run(training, scope.of(Shape.of(1, 1, 2), 1, 2)))
        .hasMessageContaining("training is not supported");
    OnnxBytes open =
        new OnnxBytes()
            .opset(17)
            .input("x", FLOAT, 1, 3)
            .input("k", INT64, 1)
            .node("TopK", List.of("x", "k"), "y")
            .output("y");
    assertThatThrownBy(() -> run(open, scope.of(Shape.of(1, 3), 1, 2, 3)))
        .hasMessageContaining("determines shapes");
  }
}
