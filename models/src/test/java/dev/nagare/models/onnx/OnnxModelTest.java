package dev.nagare.models.onnx;

import static dev.nagare.models.onnx.OnnxBytes.BOOL;
import static dev.nagare.models.onnx.OnnxBytes.FLOAT;
import static dev.nagare.models.onnx.OnnxBytes.FLOAT16;
import static dev.nagare.models.onnx.OnnxBytes.INT64;
import static dev.nagare.models.onnx.OnnxBytes.external;
import static dev.nagare.models.onnx.OnnxBytes.floats;
import static dev.nagare.models.onnx.OnnxBytes.integer;
import static dev.nagare.models.onnx.OnnxBytes.integers;
import static dev.nagare.models.onnx.OnnxBytes.longs;
import static dev.nagare.models.onnx.OnnxBytes.nodeOf;
import static dev.nagare.models.onnx.OnnxBytes.subgraph;
import static dev.nagare.models.onnx.OnnxBytes.tensor;
import static dev.nagare.models.onnx.OnnxBytes.tensorOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Interpreter;
import dev.nagare.graph.Value;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModelTest {
  @TempDir Path folder;
  private final Scope scope = new Scope(1 << 12);

  @AfterEach
  void close() {
    scope.close();
  }

  private Tensor run(Graph graph, Map<String, Tensor> inputs) {
    return Interpreter.run(graph, KernelProviders.byName("scalar").kernels(), inputs, scope)
        .values()
        .iterator()
        .next();
  }

  private static float[] upTo(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = i;
    }
    return values;
  }

  @Test
  void weightsAreSeenInTheFileOrCopiedWhereTheyLieAtAnOddPlace() throws IOException {
    for (String name : List.of("w", "ww", "www", "wwww")) { // moves what follows by a byte each
      Path path =
          new OnnxBytes()
              .constant(floats(name, new long[] {2, 2}, 1, 2, 3, 4))
              .node("Transpose", List.of(name), "y")
              .output("y")
              .write(folder);
      try (OnnxModel model = OnnxModel.read(path)) {
        Graph graph = model.graph(Map.of());
        assertThat(constant(graph, name).isReadOnly()).isTrue();
        assertThat(run(graph, Map.of()).toFloats()).containsExactly(1, 3, 2, 4);
      }
    }
  }

  @Test
  void elementsOfEveryCodingAreRead() throws IOException {
    Path path =
        new OnnxBytes()
            .constant(tensorOf("f", FLOAT, 2).fixed(4, 1.5f).fixed(4, -2))
            .constant(tensorOf("i", 6, 2).varint(5, -3).bytes(5, new byte[] {7}))
            .constant(tensorOf("l", INT64, 1).varint(7, Long.MIN_VALUE))
            .constant(tensorOf("b", BOOL, 2).bytes(5, new byte[] {1, 0}))
            .constant(tensorOf("bf", 16, 1).varint(5, 0x3fc0))
            .constant(tensorOf("d", 11, 1).bytes(10, doubles(0.1)))
            .constant(tensorOf("none", FLOAT, 0, 3))
            .output("f")
            .output("i")
            .output("l")
            .output("b")
            .output("bf")
            .output("d")
            .output("none")
            .write(folder);
    try (OnnxModel model = OnnxModel.read(path)) {
      Graph graph = model.graph(Map.of());
      assertThat(constant(graph, "f").toFloats()).containsExactly(1.5f, -2);
      assertThat(constant(graph, "i").getLong(0)).isEqualTo(-3);
      assertThat(constant(graph, "i").getLong(1)).isEqualTo(7);
      assertThat(constant(graph, "l").getLong(0)).isEqualTo(Long.MIN_VALUE);
      assertThat(constant(graph, "b").getLong(0)).isEqualTo(1);
      assertThat(constant(graph, "b").getLong(1)).isZero();
      assertThat(constant(graph, "bf").get(0)).isEqualTo(1.5);
      assertThat(constant(graph, "d").get(0)).isEqualTo(0.1);
      assertThat(constant(graph, "none").shape()).isEqualTo(Shape.of(0, 3));
    }
  }

  private static byte[] doubles(double value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value).array();
  }

  private static Tensor constant(Graph graph, String name) {
    Value value = Objects.requireNonNull(graph.value(name));
    return Objects.requireNonNull(value.constant());
  }

  @Test
  void elementsMayLieInAFileBesideTheModel() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    data.putFloat(0).putFloat(5).putFloat(6).putFloat(0);
    Files.createDirectories(folder.resolve("weights"));
    Files.write(folder.resolve("weights/a.bin"), data.array());
    Path path =
        new OnnxBytes()
            .constant(external("w", new long[] {2}, "weights/a.bin", 4, 8))
            .output("w")
            .write(folder);
    try (OnnxModel model = OnnxModel.read(path)) {
      assertThat(constant(model.graph(Map.of()), "w").toFloats()).containsExactly(5, 6);
    }
  }

  @Test
  void tensorsEndWithTheModel() throws IOException {
    Path path =
        new OnnxBytes()
            .constant(floats("w", new long[] {1}, 1))
            .constant(tensorOf("v", FLOAT, 1).fixed(4, 1))
            .output("w")
            .output("v")
            .write(folder);
    OnnxModel model = OnnxModel.read(path);
    Graph graph = model.graph(Map.of());
    model.close();
    model.close();
    for (String name : List.of("w", "v")) {
      assertThatThrownBy(() -> constant(graph, name).get(0)).isInstanceOf(TensorException.class);
    }
  }

  @Test
  void sizesAreNamedByTheFileOrByInputAndAxis() throws IOException {
    Path path =
        new OnnxBytes()
            .input("x", FLOAT, "batch", "", 3, "2*n", "2*n", "a b")
            .output("x")
            .write(folder);
    try (OnnxModel model = OnnxModel.read(path)) {
      assertThat(model.graph(Map.of()).inputs().getFirst().fact().shape().toString())
          .isEqualTo("[batch, x.1, 3, x.3, x.3, x.5]");
    }
  }

  @Test
  void shapeArithmeticDisappears() throws IOException {
    // What PyTorch writes for x.view(x.size(0), -1, 4).
    Path path =
        new OnnxBytes()
            .input("x", FLOAT, "n", 8)
            .constant(longs("zero", new long[0], 0))
            .constant(longs("minus", new long[] {1}, -1))
            .constant(longs("four", new long[] {1}, 4))
            .constant(longs("axes", new long[] {1}, 0))
            .node("Shape", List.of("x"), "shape")
            .node("Gather", List.of("shape", "zero"), "n")
            .node("Unsqueeze", List.of("n", "axes"), "n1")
            .node("Concat", List.of("n1", "minus", "four"), "to", integer("axis", 0))
            .node("Reshape", List.of("x", "to"), "y")
            .output("y")
            .write(folder);
    try (OnnxModel model = OnnxModel.read(path)) {
      Graph graph = model.graph(Map.of());
      assertThat(graph.toString())
          .isEqualTo(
              """
              graph test
                in  x: F32 [n, 8]
                y: F32 [n, 2, 4] <- Reshape[to=[n, 2, 4]] (x)
                out y <- y
              """);
      Tensor x = scope.of(Shape.of(3, 8), upTo(24));
      assertThat(run(graph, Map.of("x", x)).shape()).isEqualTo(Shape.of(3, 2, 4));
    }
  }

  @Test
  void anInputThatDeterminesShapesMustBeKnown() throws IOException {
    Path path =
        new OnnxBytes()
            .input("x", FLOAT, 6)
            .input("to", INT64, 2)
            .node("Reshape", List.of("x", "to"), "y")
            .output("y")
            .write(folder);
    try (OnnxModel model = OnnxModel.read(path)) {
      assertThatThrownBy(() -> model.graph(Map.of()))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining(
              "Reshape (node my_Reshape, opset 17): input 1 (to) determines shapes");
      Graph graph = model.graph(Map.of("to", scope.ofLongs(Shape.of(2), 2, 3)));
      assertThat(graph.inputs()).hasSize(1);
      assertThat(graph.outputs().getFirst().fact()).hasToString("F32 [2, 3]");
      assertThatThrownBy(() -> model.graph(Map.of("too", scope.ofLongs(Shape.of(2), 2, 3))))
          .hasMessageContaining("[too]: the model has no such inputs");
      assertThatThrownBy(() -> model.graph(Map.of("to", scope.ofLongs(Shape.of(3), 1, 2, 3))))
          .hasMessageContaining("known input I64 [3]: expected I64 [2]");
    }
  }

  @Test
  void sizesThatWentThroughFloatsAreFoldedWhereTheyAreConstant() throws IOException {
    Path path =
        new OnnxBytes()
            .input("x", FLOAT, 6)
            .node("Constant", List.of(), "two", tensor("value", floats("", new long[] {1}, 2.7f)))
            .node("Cast", List.of("two"), "n", integer("to", INT64))
            .node("Tile", List.of("x", "n"), "y")
            .output("y")
            .write(folder);
    try (OnnxModel model = OnnxModel.read(path)) {
      assertThat(model.graph(Map.of()).outputs().getFirst().fact()).hasToString("F32 [12]");
    }
  }

  @Test
  void whatIsNotSupportedIsSaidAllAtOnceAndNothingIsAllocated() throws IOException {
    Path path =
        new OnnxBytes()
            .opset(13)
            .input("h", FLOAT16, 2)
            .constant(tensorOf("w", FLOAT16, 1).varint(5, 0))
            .node("Bogus", List.of("h"), "a")
            .node("Trilu", List.of("a"), "b")
            .node(nodeOf("Attention", List.of("b"), List.of("c")).text(7, "com.microsoft"))
            .output("c")
            .write(folder);
    try (OnnxModel model = OnnxModel.read(path)) {
      assertThat(model.unsupported())
          .containsExactly(
              "initializer w: element type FLOAT16",
              "operator Bogus (node my_Bogus, opset 13)",
              "operator Trilu (node my_Trilu, opset 13): expected opset 14 to 20",
              "operator com.microsoft:Attention (node my_Attention, opset 13)",
              "input h: element type FLOAT16");
      assertThatThrownBy(() -> model.graph(Map.of()))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining("Bogus")
          .hasMessageContaining("Trilu")
          .hasMessageContaining("com.microsoft:Attention");
    }
  }

  @Test
  void anAttributeThatNobodyKnowsIsRefused() throws IOException {
    Path path =
        new OnnxBytes()
            .input("x", FLOAT, 2, 3)
            .node("Transpose", List.of("x"), "y", integers("perm", 1, 0), integer("odd", 1))
            .output("y")
            .write(folder);
    try (OnnxModel model = OnnxModel.read(path)) {
      assertThatThrownBy(() -> model.graph(Map.of()))
          .hasMessageContaining("Transpose (node my_Transpose, opset 17): attributes [odd]");
    }
  }

  private static Wire branch(String type, String... inputs) {
    return new OnnxBytes().node(type, List.of(inputs), "out").output("out").branch();
  }

  private Path conditional() throws IOException {
    return new OnnxBytes()
        .input("condition", BOOL)
        .input("x", FLOAT, "n", 2)
        .constant(floats("w", new long[] {2, 2}, 9, 8, 7, 6))
        .node("Identity", List.of("x"), "seen")
        .node(
            "If",
            List.of("condition"),
            "y",
            subgraph("then_branch", branch("Identity", "seen")),
            subgraph("else_branch", branch("Identity", "w")))
        .output("y")
        .write(folder);
  }

  @Test
  void aKnownConditionChoosesItsBranch() throws IOException {
    try (OnnxModel model = OnnxModel.read(conditional())) {
      Tensor yes = scope.zeros(DType.BOOL, Shape.of());
      yes.set(0, 1);
      Tensor x = scope.of(Shape.of(1, 2), 1, 2);
      Graph then = model.graph(Map.of("condition", yes));
      assertThat(then.nodes()).hasSize(2).noneMatch(node -> node.operator().name().equals("if"));
      assertThat(run(then, Map.of("x", x)).toFloats()).containsExactly(1, 2);
      Tensor no = scope.zeros(DType.BOOL, Shape.of());
      Graph otherwise = model.graph(Map.of("condition", no));
      assertThat(otherwise.nodes()).hasSize(1);
      assertThat(run(otherwise, Map.of("x", x)).toFloats()).containsExactly(9, 8, 7, 6);
    }
  }

  @Test
  void branchesOfDifferentRanksAreChosenBySizesThatAreGiven() throws IOException {
    Path path =
        new OnnxBytes()
            .input("x", FLOAT, "batch", "")
            .constant(longs("one", new long[] {1}, 1))
            .node("Shape", List.of("x"), "shape")
            .node("Gather", List.of("shape", "one"), "columns", integer("axis", 0))
            .node("Equal", List.of("columns", "one"), "single")
            .node(
                "If",
                List.of("single"),
                "y",
                subgraph("then_branch", branch("Squeeze", "x", "one")),
                subgraph("else_branch", branch("Identity", "x")))
            .output("y")
            .write(folder);
    try (OnnxModel model = OnnxModel.read(path)) {
      assertThatThrownBy(() -> model.graph(Map.of()))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining("branches answer F32 [batch] and F32 [batch, x.1]")
          .hasMessageContaining("give these when the model is read");
      assertThat(model.graph(Map.of(), Map.of("x.1", 1L)).outputs().getFirst().fact())
          .hasToString("F32 [batch]");
      assertThat(model.graph(Map.of(), Map.of("x.1", 3L)).outputs().getFirst().fact())
          .hasToString("F32 [batch, 3]");
      assertThatThrownBy(() -> model.graph(Map.of(), Map.of("x.2", 1L)))
          .hasMessageContaining("sizes [x.2]: expected some of [batch, x.1]");
    }
  }

  @Test
  void anotherConditionIsAskedAtEachRun() throws IOException {
    try (OnnxModel model = OnnxModel.read(conditional())) {
      Graph graph = model.graph(Map.of());
      Tensor condition = scope.zeros(DType.BOOL, Shape.of());
      Tensor x = scope.of(Shape.of(2, 2), 1, 2, 3, 4);
      var interpreter =
          new Interpreter(
              graph,
              KernelProviders.byName("scalar").kernels(),
              Map.of("condition", condition, "x", x),
              scope);
      interpreter.run();
      assertThat(interpreter.output("y").toFloats()).containsExactly(9, 8, 7, 6);
      condition.set(0, 1);
      interpreter.run();
      assertThat(interpreter.output("y").toFloats()).containsExactly(1, 2, 3, 4);
      Tensor narrow = scope.of(Shape.of(1, 2), 1, 2);
      assertThatThrownBy(() -> run(graph, Map.of("condition", condition, "x", narrow)))
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("branches answer F32 [1, 2] and F32 [2, 2]");
    }
  }
}
