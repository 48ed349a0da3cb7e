package dev.nagare.autograd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Interpreter;
import dev.nagare.graph.pass.Passes;
import dev.nagare.nn.BatchNorm2d;
import dev.nagare.nn.Conv2d;
import dev.nagare.nn.Embedding;
import dev.nagare.nn.Gru;
import dev.nagare.nn.LearnedPositions;
import dev.nagare.nn.Linear;
import dev.nagare.nn.Lstm;
import dev.nagare.nn.MaxPool2d;
import dev.nagare.nn.Module;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.Recurrent;
import dev.nagare.nn.RecurrentOptions;
import dev.nagare.nn.ResidualBlock;
import dev.nagare.nn.Rnn;
import dev.nagare.nn.Sequential;
import dev.nagare.nn.TransformerDecoderLayer;
import dev.nagare.nn.TransformerEncoderLayer;
import dev.nagare.nn.TransformerOptions;
import dev.nagare.tensor.CounterRandom;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Attention.Mask;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Recurrent.Activation;
import dev.nagare.tensor.kernel.Window;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TraceTest {
  private static final Dim BATCH = Dim.named("batch");
  private static final Dim STEPS = Dim.named("steps");

  private final Kernels kernels = KernelProviders.byName("scalar").kernels();
  private final ProcessMemory memory = new ProcessMemory("test");
  private final ParameterFactory factory = new ParameterFactory(memory, DType.F32, 1);

  @AfterEach
  void close() {
    memory.close();
  }

  private static List<String> names(Graph graph) {
    return graph.nodes().stream().map(node -> node.operator().name()).toList();
  }

  private Tensor random(long... dims) {
    Tensor tensor = memory.empty(DType.F32, Shape.of(dims));
    var random = new CounterRandom(3, 0, 0);
    for (int i = 0; i < tensor.elements(); i++) {
      tensor.set(i, random.uniform(i) - 0.5);
    }
    return tensor;
  }

  private Graph trace(
      Module model, Trace.Input input, BiFunction<Tape, List<Variable>, Variable> forward) {
    return new Trace(kernels, memory, model.state()).of("model", List.of(input), forward);
  }

  /** Asserts that graph and optimised graph answer what the model does. */
  private Graph requireSame(
      Graph graph, Tensor x, BiFunction<Tape, List<Variable>, Variable> forward) {
    Graph optimised = Passes.inference(graph, kernels, memory).graph();
    try (var scope = new Scope(1 << 24)) {
      var tape = new Tape(kernels, scope);
      Tensor expected = forward.apply(tape, List.of(tape.constant(x))).value();
      for (Graph each : List.of(graph, optimised)) {
        Tensor actual =
            Objects.requireNonNull(
                Interpreter.run(each, kernels, Map.of("x", x), memory).get("output"));
        assertThat(actual.shape()).isEqualTo(expected.shape());
        for (long i = 0; i < expected.elements(); i++) {
          assertThat(actual.get(i)).as("%s", each).isCloseTo(expected.get(i), within(1e-5));
        }
      }
    }
    return optimised;
  }

  @Test
  void aResidualNetworkBecomesConvolutionsAPoolAMeanAndALinear() {
    var head = new Linear(factory, 6, 3);
    Window three = Window.of(3, 3).padding(1, 1);
    var body =
        new Sequential(
            new Conv2d(factory, 2, 4, three, 1, false),
            new BatchNorm2d(factory, 4),
            Variable::relu,
            new MaxPool2d(2),
            new ResidualBlock(factory, 4, 4, 1),
            new ResidualBlock(factory, 4, 6, 2));
    Map<String, Tensor> state = new HashMap<>();
    body.state().forEach((name, tensor) -> state.put("body." + name, tensor));
    head.state().forEach((name, tensor) -> state.put("head." + name, tensor));
    body.eval();
    BiFunction<Tape, List<Variable>, Variable> forward =
        (tape, in) -> head.forward(body.forward(in.getFirst()).globalAveragePool());
    var input = new Trace.Input("x", DType.F32, BATCH, Dim.of(2), Dim.of(8), Dim.of(8));
    Graph graph = new Trace(kernels, memory, state).of("model", List.of(input), forward);
    assertThat(graph.constants()).allMatch(value -> state.containsKey(value.name()));
    Graph optimised = requireSame(graph, random(3, 2, 8, 8), forward);
    assertThat(names(optimised))
        .containsExactly(
            "conv2d",
            "maxPool",
            "conv2d",
            "conv2d",
            "conv2d",
            "conv2d",
            "conv2d",
            "reduce_mean",
            "linear");
  }

  @Test
  void aTransformerLayerSeesEveryBatchAndLength() {
    var options = new TransformerOptions(8, 2, 16).withActivation(Variable::gelu);
    var layer = new TransformerEncoderLayer(factory, options);
    var table = new Embedding(factory, 5, 8);
    var places = new LearnedPositions(factory, 20, 8);
    layer.eval();
    BiFunction<Tape, List<Variable>, Variable> forward =
        (tape, in) ->
            layer.forward(places.forward(table.forward(tape, in.getFirst().value())), Mask.NONE);
    Graph graph = trace(layer, new Trace.Input("x", DType.I64, BATCH, STEPS), forward);
    assertThat(graph.outputs().getFirst().fact().shape()).containsExactly(BATCH, STEPS, Dim.of(8));
    Tensor ids = memory.ofLongs(Shape.of(2, 3), 0, 4, 2, 1, 1, 3);
    Graph optimised = requireSame(graph, ids, forward);
    assertThat(names(optimised))
        .containsExactly(
            "gather",
            "slice",
            "add",
            "linear",
            "attention",
            "linear",
            "layerNorm",
            "linear",
            "linear",
            "layerNorm");
  }

  @Test
  void anLstmStartsFromZeroWhateverTheBatch() {
    var lstm = new Lstm(factory, 3, 4);
    BiFunction<Tape, List<Variable>, Variable> forward =
        (tape, in) -> lstm.forward(in.getFirst()).lastHidden();
    Graph graph = trace(lstm, new Trace.Input("x", DType.F32, BATCH, STEPS, Dim.of(3)), forward);
    assertThat(graph.outputs().getFirst().fact().shape()).containsExactly(BATCH, Dim.of(4));
    requireSame(graph, random(2, 6, 3), forward);
  }

  @Test
  void stacksOfRecurrentLayersInBothDirectionsAnswerAsTheyDo() {
    var options = RecurrentOptions.PLAIN.withLayers(2).withBidirectional(true);
    for (Recurrent layers :
        List.of(
            new Lstm(factory, 3, 4, options),
            new Gru(factory, 3, 4, options),
            new Rnn(factory, 3, 4, Activation.TANH, options),
            new Rnn(factory, 3, 4, Activation.RELU, options))) {
      BiFunction<Tape, List<Variable>, Variable> forward =
          (tape, in) -> layers.run(in.getFirst()).hidden();
      var input = new Trace.Input("x", DType.F32, BATCH, STEPS, Dim.of(3));
      Graph graph = trace(layers, input, forward);
      assertThat(graph.outputs().getFirst().fact().shape())
          .containsExactly(BATCH, STEPS, Dim.of(8));
      requireSame(graph, random(2, 6, 3), forward);
    }
  }

  @Test
  void statesOfRecurrentLayersAreTracedAndCanBeGiven() {
    var lstm = new Lstm(factory, 3, 4);
    var gru = new Gru(factory, 4, 4);
    Map<String, Tensor> state = new HashMap<>();
    lstm.state().forEach((name, tensor) -> state.put("lstm." + name, tensor));
    gru.state().forEach((name, tensor) -> state.put("gru." + name, tensor));
    BiFunction<Tape, List<Variable>, Variable> forward =
        (tape, in) -> {
          var first = lstm.forward(in.getFirst());
          var from = new Recurrent.State(first.lastCell(), null);
          return gru.run(first.hidden(), null, List.of(from), null).states().getFirst().hidden();
        };
    var input = new Trace.Input("x", DType.F32, BATCH, STEPS, Dim.of(3));
    Graph graph = new Trace(kernels, memory, state).of("model", List.of(input), forward);
    assertThat(graph.constants()).allMatch(value -> state.containsKey(value.name()));
    requireSame(graph, random(2, 6, 3), forward);
  }

  @Test
  void noQueryOfATracedDecoderSeesALaterKey() {
    var options = new TransformerOptions(8, 2, 16);
    var encoder = new TransformerEncoderLayer(factory, options);
    var decoder = new TransformerDecoderLayer(factory, options);
    Map<String, Tensor> state = new HashMap<>();
    encoder.state().forEach((name, tensor) -> state.put("encoder." + name, tensor));
    decoder.state().forEach((name, tensor) -> state.put("decoder." + name, tensor));
    encoder.eval();
    decoder.eval();
    Mask both = Mask.CAUSAL.withAdded(random(6, 6));
    BiFunction<Tape, List<Variable>, Variable> forward =
        (tape, in) -> {
          Variable x = in.getFirst();
          return decoder.forward(encoder.forward(x, both).tanh(), x, Mask.CAUSAL, Mask.NONE, null);
        };
    var input = new Trace.Input("x", DType.F32, BATCH, Dim.of(6), Dim.of(8));
    Graph graph = new Trace(kernels, memory, state).of("model", List.of(input), forward);
    assertThat(names(graph)).contains("trilu");
    requireSame(graph, random(3, 6, 8), forward);
    var open = new Trace.Input("x", DType.F32, BATCH, STEPS, Dim.of(8));
    BiFunction<Tape, List<Variable>, Variable> causal =
        (tape, in) -> encoder.forward(in.getFirst(), Mask.CAUSAL);
    Graph anyLength = new Trace(kernels, memory, state).of("model", List.of(open), causal);
    requireSame(anyLength, random(3, 5, 8), causal);
  }

  @Test
  void onePositionAndTheLastOnesAndWhatIsStackedAreTraced() {
    BiFunction<Tape, List<Variable>, Variable> forward =
        (tape, in) -> {
          Variable x = in.getFirst(); // [batch, steps, 6]
          Variable third = x.lastSteps(4).select(1, 2); // [batch, 6]
          Variable fifth = x.permute(2, 0, 1).select(0, 5).narrow(1, 0, 4); // [batch, 4]
          Variable both = Variable.stack(1, third.narrow(1, 1, 4), fifth); // [batch, 2, 4]
          return Variable.stack(-1, both, both.tanh());
        };
    var input = new Trace.Input("x", DType.F32, BATCH, STEPS, Dim.of(6));
    Graph graph = new Trace(kernels, memory, Map.of()).of("parts", List.of(input), forward);
    assertThat(graph.outputs().getFirst().fact().shape())
        .containsExactly(BATCH, Dim.of(2), Dim.of(4), Dim.of(2));
    requireSame(graph, random(2, 7, 6), forward);
  }

  @Test
  void aPositionThatDependsOnASizeIsRefused() {
    var input = new Trace.Input("x", DType.F32, BATCH, STEPS, Dim.of(6));
    assertThatThrownBy(
            () ->
                new Trace(kernels, memory, Map.of())
                    .of(
                        "last",
                        List.of(input),
                        (tape, in) -> {
                          Variable x = in.getFirst();
                          return x.select(1, x.value().dim(1) - 1);
                        }))
        .hasMessageContaining("it depends on sizes whether there is");
  }

  @Test
  void viewsKeepTheirAxesAndPlaces() {
    BiFunction<Tape, List<Variable>, Variable> forward =
        (tape, in) -> {
          Variable x = in.getFirst();
          Variable turned = x.permute(1, 0, 2).slice(2, 1, 6, 2).transpose(0, 2);
          return turned.contiguous().reshape(-1, 3).softmax().mean(true, 1);
        };
    var input = new Trace.Input("x", DType.F32, BATCH, STEPS, Dim.of(6));
    Graph graph = new Trace(kernels, memory, Map.of()).of("views", List.of(input), forward);
    assertThat(graph.outputs().getFirst().fact().shape())
        .containsExactly(BATCH.times(STEPS), Dim.ONE);
    requireSame(graph, random(2, 4, 6), forward);
  }

  @Test
  void whatBranchesOnASizeIsRefusedWithTheLine() {
    var linear = new Linear(factory, 2, 2);
    var input = new Trace.Input("x", DType.F32, BATCH, Dim.of(2));
    assertThatThrownBy(
            () ->
                trace(
                    linear,
                    input,
                    (tape, in) -> {
                      Variable y = linear.forward(in.getFirst());
                      return y.shape().dim(0) > 6 ? y.relu() : y.tanh();
                    }))
        .hasMessageContaining("it depends on sizes whether there is")
        .hasMessageContaining("TANH")
        .hasMessageContaining("RELU");
  }

  @Test
  void whatHasNoCounterpartIsRefusedByName() {
    var norm = new BatchNorm2d(factory, 2);
    var image = new Trace.Input("x", DType.F32, BATCH, Dim.of(2), Dim.of(2), Dim.of(2));
    assertThatThrownBy(() -> trace(norm, image, (tape, in) -> norm.forward(in.getFirst())))
        .hasMessageStartingWith("batchNorm: cannot be traced");
    norm.eval();
    assertThatThrownBy(() -> trace(norm, image, (tape, in) -> in.getFirst().argMax(1, false)))
        .hasMessageContaining("cannot be traced");
  }
}
