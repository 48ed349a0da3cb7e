package dev.nagare.models.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.nagare.graph.Fact;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Interpreter;
import dev.nagare.graph.Value;
import dev.nagare.graph.pass.Passes;
import dev.nagare.graph.pass.Ragged;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What passes make of models that people use; the files are in the folder that the property {@code
 * nagare.onnx.models} names.
 */
class OptimisedModelsTest {
  private final Kernels kernels = KernelProviders.best().kernels();

  private static Path file(String name) {
    String folder = System.getProperty("nagare.onnx.models", "");
    Path path = Path.of(folder, name);
    assumeTrue(
        !folder.isEmpty() && Files.isRegularFile(path),
        "not here: no " + name + " in the folder of -Dnagare.onnx.models");
    return path;
  }

  private static Map<String, Long> counts(Graph graph) {
    return graph.nodes().stream()
        .collect(
            Collectors.groupingBy(
                node -> node.operator().name(), TreeMap::new, Collectors.counting()));
  }

  /** One small image, for sizes that a model leaves open. */
  private static Map<String, Long> image(Fact fact) {
    long[] usual = {1, 3, 48, 192};
    Map<String, Long> sizes = new HashMap<>();
    for (int i = 0; i < fact.rank(); i++) {
      if (!fact.dim(i).isKnown()) {
        sizes.put(fact.dim(i).toString(), usual[i]);
      }
    }
    return sizes;
  }

  private static Tensor input(ProcessMemory memory, Fact fact) {
    Tensor tensor = memory.empty(fact.dtype(), fact.toShape());
    var random = new CounterRandom(1, 0, 0);
    for (int i = 0; i < tensor.elements(); i++) {
      if (fact.dtype() == DType.F32) {
        tensor.set(i, random.uniform(i) - 0.5);
      } else {
        tensor.setLong(i, 1);
      }
    }
    return tensor;
  }

  /** Asserts that both answer the same, up to a fraction of the largest element. */
  private void requireSame(
      Graph graph, Graph other, Map<String, Tensor> inputs, ProcessMemory memory) {
    Map<String, Tensor> expected = Interpreter.run(graph, kernels, inputs, memory);
    Map<String, Tensor> actual = Interpreter.run(other, kernels, inputs, memory);
    expected.forEach(
        (name, tensor) -> {
          double largest = 0;
          for (long i = 0; i < tensor.elements(); i++) {
            largest = Math.max(largest, Math.abs(tensor.get(i)));
          }
          Tensor result = Objects.requireNonNull(actual.get(name));
          for (long i = 0; i < tensor.elements(); i++) {
            assertThat(result.get(i)).isCloseTo(tensor.get(i), within(1e-4 * largest));
          }
        });
  }

  private Graph optimised(String name) throws IOException {
    try (var model = OnnxModel.read(file(name));
        var memory = new ProcessMemory("test")) {
      Graph graph = model.graph(Map.of());
      Graph optimised = Passes.inference(graph, kernels, memory).graph();
      Map<String, Tensor> inputs = new HashMap<>();
      for (Value input : graph.inputs()) {
        Fact fact = input.fact().bind(image(input.fact()));
        inputs.put(input.name(), input(memory, fact));
      }
      requireSame(graph, optimised, inputs, memory);
      return optimised;
    }
  }

  @Test
  void miniLmIsSixLayersOfSevenNodes() throws IOException {
    try (var model = OnnxModel.read(file("all-minilm-l6-v2.onnx"));
        var memory = new ProcessMemory("test")) {
      Graph graph = model.graph(Map.of());
      Graph optimised = Passes.inference(graph, kernels, memory).graph();
      Ragged.Outcome ragged = Ragged.of(optimised);
      assertThat(optimised.nodes()).as("%s", optimised).hasSizeLessThanOrEqualTo(60);
      assertThat(counts(optimised))
          .containsEntry("attention", 6L)
          .containsEntry("layerNorm", 13L)
          .containsEntry("linear", 24L);
      Tensor ids = memory.ofLongs(Shape.of(2, 4), 101, 7592, 102, 0, 101, 2088, 2003, 102);
      Tensor mask = memory.ofLongs(Shape.of(2, 4), 1, 1, 1, 0, 1, 1, 1, 1);
      Tensor types = memory.ofLongs(Shape.of(2, 4), 0, 0, 0, 0, 0, 0, 0, 0);
      Map<String, Tensor> inputs =
          Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types);
      requireSame(graph, optimised, inputs, memory);
      assertThat(ragged.reason()).isEmpty();
      requireRagged(optimised, Objects.requireNonNull(ragged.graph()), inputs, memory);
    }
  }

  private void requireRagged(
      Graph padded, Graph ragged, Map<String, Tensor> inputs, ProcessMemory memory) {
    assertThat(ragged.nodes()).as("%s", ragged).hasSizeLessThanOrEqualTo(50);
    Tensor expected = Interpreter.run(padded, kernels, inputs, memory).values().iterator().next();
    Map<String, Tensor> packed =
        Map.of(
            "input_ids",
            memory.ofLongs(Shape.of(7), 101, 7592, 102, 101, 2088, 2003, 102),
            "token_type_ids",
            memory.ofLongs(Shape.of(7), 0, 0, 0, 0, 0, 0, 0),
            Ragged.POSITIONS,
            memory.ofLongs(Shape.of(7), 0, 1, 2, 0, 1, 2, 3),
            Ragged.OFFSETS,
            memory.ofLongs(Shape.of(3), 0, 3, 7));
    Tensor actual = Interpreter.run(ragged, kernels, packed, memory).values().iterator().next();
    for (int row = 0; row < 7; row++) {
      int at = row < 3 ? row : row + 1;
      for (int i = 0; i < 384; i++) {
        assertThat(actual.get(row * 384L + i)).isCloseTo(expected.get(at * 384L + i), within(1e-4));
      }
    }
  }

  @Test
  void resNetIsConvolutionsAPoolAMeanAndALinear() throws IOException {
    Graph graph = optimised("light_resnet50.onnx");
    assertThat(counts(graph).keySet())
        .as("%s", graph)
        .isSubsetOf(
            "conv2d", "maxPool", "reduce_mean", "averagePool", "reshape", "linear", "softmax");
    assertThat(counts(graph)).containsEntry("conv2d", 53L);
  }

  @Test
  void theDirectionClassifierHasNoActivationOfItsOwn() throws IOException {
    Graph graph = optimised("ch_ppocr_mobile_v2.0_cls_infer.onnx");
    assertThat(counts(graph))
        .as("%s", graph)
        .doesNotContainKeys("batchNorm", "relu", "hardSigmoid", "clip", "hard_swish");
  }
}
