package dev.nagare.models.onnx.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Trace;
import dev.nagare.autograd.Variable;
import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Interpreter;
import dev.nagare.graph.op.ConstantOfShape;
import dev.nagare.graph.pass.Passes;
import dev.nagare.models.onnx.OnnxModel;
import dev.nagare.nn.BatchNorm2d;
import dev.nagare.nn.Conv2d;
import dev.nagare.nn.Embedding;
import dev.nagare.nn.Gru;
import dev.nagare.nn.LearnedPositions;
import dev.nagare.nn.Linear;
import dev.nagare.nn.Lstm;
import dev.nagare.nn.MaxPool2d;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.Recurrent;
import dev.nagare.nn.RecurrentOptions;
import dev.nagare.nn.ResidualBlock;
import dev.nagare.nn.Rnn;
import dev.nagare.nn.Sequential;
import dev.nagare.nn.TransformerEncoderLayer;
import dev.nagare.nn.TransformerOptions;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Attention.Mask;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Recurrent.Activation;
import dev.nagare.tensor.kernel.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is read again, and answers as before. */
class OnnxExportTest {
  private static final Dim BATCH = Dim.named("batch");
  private static final Dim STEPS = Dim.named("steps");

  private final Kernels kernels = KernelProviders.byName("scalar").kernels();
  private final ProcessMemory memory = new ProcessMemory("test");
  private final ParameterFactory factory = new ParameterFactory(memory, DType.F32, 1);
  @TempDir private Path folder;

  @AfterEach
  void close() {
    memory.close();
  }

  private Tensor random(long... dims) {
    Tensor tensor = memory.empty(DType.F32, Shape.of(dims));
    var random = new CounterRandom(3, 0, 0);
    for (int i = 0; i < tensor.elements(); i++) {
      tensor.set(i, random.uniform(i) - 0.5);
    }
    return tensor;
  }

  private Tensor run(Graph graph, Tensor x) {
    return Objects.requireNonNull(
        Interpreter.run(graph, kernels, Map.of("x", x), memory).get("output"));
  }

  private Graph traced(
      Map<String, Tensor> state,
      Trace.Input input,
      BiFunction<Tape, List<Variable>, Variable> forward) {
    return new Trace(kernels, memory, state).of("model", List.of(input), forward);
  }

  /** Writes, reads and runs; answers the operators that are left of the file's graph. */
  private List<String> requireSame(Graph graph, Tensor x) throws IOException {
    Path file = folder.resolve("model.onnx");
    OnnxExport.write(graph, file);
    Tensor expected = run(graph, x);
    try (OnnxModel model = OnnxModel.read(file)) {
      assertThat(model.unsupported()).isEmpty();
      Graph read = model.graph(Map.of());
      assertThat(read.inputs().getFirst().fact()).isEqualTo(graph.inputs().getFirst().fact());
      assertThat(read.outputNames()).isEqualTo(graph.outputNames());
      assertThat(read.outputs().getFirst().fact().shape())
          .isEqualTo(graph.outputs().getFirst().fact().shape());
      Graph optimised = Passes.inference(read, kernels, memory).graph();
      for (Graph each : List.of(read, optimised)) {
        Tensor actual = run(each, x);
        assertThat(actual.shape()).isEqualTo(expected.shape());
        for (long i = 0; i < expected.elements(); i++) {
          assertThat(actual.get(i)).as("%s", each).isCloseTo(expected.get(i), within(1e-5));
        }
      }
      return optimised.nodes().stream().map(node -> node.operator().name()).toList();
    }
  }

  @Test
  void aResidualNetworkKeepsItsWeightsByName() throws IOException {
    var head = new Linear(factory, 6, 3);
    var body =
        new Sequential(
            new Conv2d(factory, 2, 4, Window.of(3, 3).padding(1, 1), 1, false),
            new BatchNorm2d(factory, 4),
            Variable::relu,
            new MaxPool2d(2),
            new ResidualBlock(factory, 4, 6, 2));
    Map<String, Tensor> state = new HashMap<>();
    body.state().forEach((name, tensor) -> state.put("body." + name, tensor));
    head.state().forEach((name, tensor) -> state.put("head." + name, tensor));
    body.eval();
    var input = new Trace.Input("x", DType.F32, BATCH, Dim.of(2), Dim.of(8), Dim.of(8));
    Graph graph =
        traced(
            state,
            input,
            (tape, in) -> head.forward(body.forward(in.getFirst()).globalAveragePool()));
    requireSame(graph, random(3, 2, 8, 8));
    try (OnnxModel model = OnnxModel.read(folder.resolve("model.onnx"))) {
      Graph read = model.graph(Map.of());
      graph
          .constants()
          .forEach(
              value ->
                  assertThat(Objects.requireNonNull(read.value(value.name())).fact())
                      .isEqualTo(value.fact()));
    }
  }

  @Test
  void aTransformerThatSeesNothingLaterAnswersTheSame() throws IOException {
    var options = new TransformerOptions(8, 2, 16).withActivation(Variable::gelu);
    var layer = new TransformerEncoderLayer(factory, options);
    var table = new Embedding(factory, 5, 8);
    var places = new LearnedPositions(factory, 20, 8);
    layer.eval();
    Graph graph =
        traced(
            layer.state(),
            new Trace.Input("x", DType.I64, BATCH, STEPS),
            (tape, in) ->
                layer.forward(
                    places.forward(table.forward(tape, in.getFirst().value())), Mask.CAUSAL));
    Tensor ids = memory.ofLongs(Shape.of(2, 3), 0, 4, 2, 1, 1, 3);
    assertThat(requireSame(graph, ids)).contains("layerNorm");
  }

  @Test
  void recurrentLayersTurnTheirWeights() throws IOException {
    var options = RecurrentOptions.PLAIN.withLayers(2).withBidirectional(true);
    for (Recurrent layers :
        List.of(
            new Lstm(factory, 3, 4, options),
            new Gru(factory, 3, 4, options),
            new Rnn(factory, 3, 4, Activation.TANH, options),
            new Rnn(factory, 3, 4, Activation.RELU, options))) {
      Graph graph =
          traced(
              layers.state(),
              new Trace.Input("x", DType.F32, BATCH, STEPS, Dim.of(3)),
              (tape, in) -> layers.run(in.getFirst()).hidden());
      requireSame(graph, random(2, 6, 3));
    }
  }

  @Test
  void statesThatAreGivenAndLastStatesGoThrough() throws IOException {
    var lstm = new Lstm(factory, 3, 4);
    var gru = new Gru(factory, 4, 4);
    Map<String, Tensor> state = new HashMap<>();
    lstm.state().forEach((name, tensor) -> state.put("lstm." + name, tensor));
    gru.state().forEach((name, tensor) -> state.put("gru." + name, tensor));
    Graph graph =
        traced(
            state,
            new Trace.Input("x", DType.F32, BATCH, STEPS, Dim.of(3)),
            (tape, in) -> {
              var first = lstm.forward(in.getFirst());
              var from = new Recurrent.State(first.lastCell(), null);
              return gru.run(first.hidden(), null, List.of(from), null)
                  .states()
                  .getFirst()
                  .hidden();
            });
    requireSame(graph, random(2, 6, 3));
  }

  @Test
  void sizesThatDependOnTwoNamesAreComputedInTheFile() throws IOException {
    Graph graph =
        traced(
            Map.of(),
            new Trace.Input("x", DType.F32, BATCH, STEPS, Dim.of(6)),
            (tape, in) -> {
              Variable x = in.getFirst();
              Variable turned = x.permute(1, 0, 2).slice(2, 1, 6, 2).transpose(0, 2);
              Variable flat = turned.contiguous().reshape(-1, 3).softmax();
              Variable back = flat.reshape(x.value().dim(0), x.value().dim(1), 3);
              Variable last = back.lastSteps(2).select(1, 1);
              return Variable.stack(1, last, last.logSoftmax());
            });
    requireSame(graph, random(2, 4, 6));
  }

  @Test
  void functionsOfElementsAreWrittenOrDecomposed() throws IOException {
    Graph graph =
        traced(
            Map.of(),
            new Trace.Input("x", DType.F32, BATCH, Dim.of(5)),
            (tape, in) -> {
              Variable x = in.getFirst();
              List<Variable> all =
                  List.of(
                      x.relu(),
                      x.sigmoid(),
                      x.tanh(),
                      x.exp(),
                      x.abs(),
                      x.square(),
                      x.neg(),
                      x.abs().sqrt(),
                      x.clamp(-0.2, 0.3),
                      x.leakyRelu(0.1),
                      x.gelu(),
                      x.gelu(true),
                      x.silu(),
                      x.hardSwish(),
                      x.mul(3).add(2).maximum(x).minimum(x.exp()).div(x.exp()),
                      x.sub(x.mean(true, 1)),
                      x.add(x.sum(true, 1)));
              return Variable.concat(1, all.toArray(Variable[]::new));
            });
    requireSame(graph, random(3, 5));
  }

  @Test
  void whatPassesMadeIsRefusedAndNoFileIsLeft() {
    var linear = new Linear(factory, 4, 3);
    Graph graph =
        traced(
            linear.state(),
            new Trace.Input("x", DType.F32, BATCH, Dim.of(4)),
            (tape, in) -> linear.forward(in.getFirst()).relu());
    Graph optimised = Passes.inference(graph, kernels, memory).graph();
    Path file = folder.resolve("none.onnx");
    assertThatThrownBy(() -> OnnxExport.write(optimised, file))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("is not written as ONNX; export the graph as it was before passes");
    assertThat(file).doesNotExist();
  }

  @Test
  void aSizeThatNoInputShowsIsRefused() {
    var graph = new Graph("odd");
    var x = graph.input("x", DType.F32, BATCH.times(2));
    graph.output("output", x);
    graph.output("other", graph.add(new ConstantOfShape(List.of(BATCH), DType.I64, 1)));
    assertThatThrownBy(() -> OnnxExport.write(graph, folder.resolve("none.onnx")))
        .hasMessageContaining("size batch is that of no input's axis");
  }
}
