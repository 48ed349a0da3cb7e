package dev.nagare.models.onnx;

import static dev.nagare.models.onnx.OnnxBytes.FLOAT;
import static dev.nagare.models.onnx.OnnxBytes.INT64;
import static dev.nagare.models.onnx.OnnxBytes.external;
import static dev.nagare.models.onnx.OnnxBytes.floats;
import static dev.nagare.models.onnx.OnnxBytes.integer;
import static dev.nagare.models.onnx.OnnxBytes.longs;
import static dev.nagare.models.onnx.OnnxBytes.nodeOf;
import static dev.nagare.models.onnx.OnnxBytes.subgraph;
import static dev.nagare.models.onnx.OnnxBytes.tensorOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.nagare.models.onnx.proto.OnnxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Models that somebody made to do harm, or that were damaged on their way. */
class HostileModelTest {
  @TempDir Path folder;

  private static OnnxBytes model() {
    return new OnnxBytes().input("x", FLOAT, 2, 3);
  }

  private static OnnxBytes identity() {
    return model().node("Identity", List.of("x"), "y").output("y");
  }

  private static byte[] nested(int levels) {
    Wire graph = new Wire().text(2, "inner");
    for (int i = 0; i < levels; i++) {
      Wire node = nodeOf("If", List.of("c"), List.of("y"), subgraph("then_branch", graph));
      graph = new Wire().message(1, node);
    }
    return new Wire().message(8, new Wire().varint(2, 17)).message(7, graph).bytes();
  }

  static Stream<Arguments> refusedWhenRead() {
    return Stream.of(
        arguments("empty", new byte[0], "it has no graph"),
        arguments("text", "<html>".getBytes(StandardCharsets.UTF_8), "not an ONNX file"),
        arguments("a length beyond the file", new Wire().cut(7, 1000).bytes(), "1000 bytes"),
        arguments("a huge length", new Wire().cut(7, -1).bytes(), "18446744073709551615 bytes"),
        arguments("a group", new Wire().raw(0x3b).bytes(), "wire type 3"),
        arguments("field 0", new Wire().raw(0x00, 0x00).bytes(), "field number 0"),
        arguments("a graph that is a number", new Wire().varint(7, 1).bytes(), "wire type 0"),
        arguments(
            "a number without end",
            new Wire().raw(8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255).bytes(),
            "more than 10 bytes"),
        arguments("two graphs", new Wire().raw(0x3a, 0, 0x3a, 0).bytes(), "found another"),
        arguments(
            "no opset", new Wire().message(7, new Wire()).bytes(), "which version of ai.onnx"),
        arguments(
            "two opsets", identity().opset(13).opset("ai.onnx", 14).bytes(), "as 13 and as 14"),
        arguments("too deep", nested(200), "100 messages in one another"),
        arguments(
            "a value made twice",
            identity().node("Identity", List.of("x"), "y").bytes(),
            "value 'y' is made twice"),
        arguments(
            "a constant that is made again",
            identity().constant(floats("y", new long[] {1}, 1)).bytes(),
            "value 'y' is made twice"),
        arguments(
            "a constant twice",
            identity()
                .constant(floats("w", new long[] {1}, 1))
                .constant(floats("w", new long[] {1}, 1))
                .bytes(),
            "initializer 'w' is there twice"),
        arguments("an input twice", identity().input("x", FLOAT, 1).bytes(), "'x' is made twice"),
        arguments(
            "a cycle",
            model()
                .node("Add", List.of("x", "b"), "a")
                .node("Identity", List.of("a"), "b")
                .output("b")
                .bytes(),
            "reads 'b', which no node before it makes"),
        arguments("an output of nobody", model().output("z").bytes(), "'z' is made by no node"),
        arguments("an attribute twice", twice(), "attribute axis comes twice"),
        arguments(
            "a negative size",
            identity().constant(tensorOf("w", FLOAT, -2)).bytes(),
            "sizes must be 0 or more"),
        arguments(
            "sizes that overflow",
            identity().constant(tensorOf("w", FLOAT, 1L << 40, 1L << 40)).bytes(),
            "more than 2^63 elements"),
        arguments(
            "elements that are not there",
            identity().constant(tensorOf("w", FLOAT, 1L << 40)).bytes(),
            "it has 0 elements"),
        arguments(
            "too few bytes",
            identity().constant(floats("w", new long[] {3}, 1, 2)).bytes(),
            "its elements have 8 bytes"),
        arguments(
            "bytes whose size overflows",
            identity().constant(floats("w", new long[] {1L << 62}, 1, 2)).bytes(),
            "its elements have 8 bytes"),
        arguments(
            "too many numbers",
            identity().constant(tensorOf("w", INT64, 1).varint(7, 1).varint(7, 2)).bytes(),
            "it has 2 elements"),
        arguments("an input of negative size", model().input("z", FLOAT, -7).bytes(), "size -7"),
        arguments(
            "an input of huge size", model().input("z", FLOAT, 1L << 40).bytes(), "size 1099"),
        arguments("text that is none", new Wire().bytes(2, new byte[] {-1}).bytes(), "not UTF-8"),
        arguments(
            "a negative offset",
            identity().constant(external("w", new long[] {1}, "a", -1, 4)).bytes(),
            "external offset is '-1'"));
  }

  private static byte[] twice() {
    Wire node =
        nodeOf("Concat", List.of("x"), List.of("y"), integer("axis", 0), integer("axis", 1));
    return model().node(node).output("y").bytes();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refusedWhenRead(String what, byte[] bytes, String reason) throws IOException {
    Path path = Files.write(folder.resolve("model.onnx"), bytes);
    assertThatThrownBy(() -> OnnxModel.read(path).close())
        .as(what)
        .isInstanceOf(OnnxException.class)
        .hasMessageStartingWith("onnx: " + path)
        .hasMessageContaining(reason);
  }

  @Test
  void aFileCutAnywhereIsRefusedOrAnotherModel() throws IOException {
    byte[] whole = identity().constant(floats("w", new long[] {3}, 1, 2, 3)).bytes();
    int refused = 0;
    for (int length = 0; length < whole.length; length++) {
      Path path = Files.write(folder.resolve("m.onnx"), java.util.Arrays.copyOf(whole, length));
      try (OnnxModel model = OnnxModel.read(path)) {
        model.graph(Map.of());
      } catch (OnnxException e) {
        refused++;
      }
    }
    assertThat(refused).isEqualTo(whole.length); // the graph is the last field
  }

  static Stream<Arguments> refusedWhenMadeAGraph() {
    return Stream.of(
        arguments(
            "a product of sizes that overflows",
            new OnnxBytes()
                .input("x", FLOAT, 1 << 30, 1 << 30, 1 << 30)
                .node("Size", List.of("x"), "y")
                .output("y"),
            "overflow"),
        arguments("an expression that doubles", doubling(64), "more than 1000 names"),
        arguments(
            "a tensor that no memory holds",
            new OnnxBytes()
                .constant(longs("to", new long[] {2}, 1L << 62, 1L << 62))
                .node("ConstantOfShape", List.of("to"), "y")
                .output("y"),
            "overflow"));
  }

  /** n + n / 2, and that again and again. */
  private static OnnxBytes doubling(int times) {
    OnnxBytes model =
        new OnnxBytes()
            .input("x", FLOAT, "n")
            .constant(longs("one", new long[] {1}, 1))
            .constant(longs("axes", new long[] {1}, 0))
            .constant(longs("three", new long[] {1}, 3))
            .node("Shape", List.of("x"), "n0");
    for (int i = 0; i < times; i++) {
      model
          .node("ConstantOfShape", List.of("n" + i), "c" + i)
          .node("Slice", List.of("c" + i, "axes", "n" + i, "axes", "three"), "s" + i)
          .node("Concat", List.of("s" + i, "c" + i), "j" + i, integer("axis", 0))
          .node("Shape", List.of("j" + i), "n" + (i + 1));
    }
    return model.output("n" + times);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource
  void refusedWhenMadeAGraph(String what, OnnxBytes bytes, String reason) throws IOException {
    try (OnnxModel model = OnnxModel.read(bytes.write(folder))) {
      assertThatThrownBy(() -> model.graph(Map.of()))
          .as(what)
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining(reason);
    }
  }

  @Test
  void elementsOutsideOfTheModelsFolderAreRefused() throws IOException {
    Path home = Files.createDirectories(folder.resolve("home/model"));
    Files.write(folder.resolve("home/secret"), new byte[64]);
    Files.write(home.resolve("weights"), new byte[64]);
    Files.createSymbolicLink(home.resolve("link"), folder.resolve("home/secret"));
    Files.createSymbolicLink(home.resolve("up"), folder.resolve("home"));
    for (String location :
        List.of(
            "../secret",
            "link",
            "up/secret",
            "x/../../secret",
            folder.resolve("home/secret").toString(),
            ".",
            "",
            "missing",
            "\0")) {
      assertRefused(home, external("w", new long[] {1}, location, 0, 4), "file '" + location);
    }
    assertRefused(home, external("w", new long[] {1}, "weights", 62, 4), "it has 64");
    assertRefused(home, external("w", new long[] {17}, "weights", 0, 68), "it has 64");
    assertRefused(home, external("w", new long[] {1}, "weights", Long.MAX_VALUE, 4), "it has 64");
    assertRefused(home, external("w", new long[] {2}, "weights", 0, 4), "in 4 bytes");
  }

  private static void assertRefused(Path home, Wire tensor, String reason) throws IOException {
    Path path = new OnnxBytes().constant(tensor).output("w").write(home);
    try (OnnxModel model = OnnxModel.read(path)) {
      assertThatThrownBy(() -> model.graph(Map.of()))
          .isInstanceOf(OnnxException.class)
          .hasMessageContaining(reason);
    }
  }
}
