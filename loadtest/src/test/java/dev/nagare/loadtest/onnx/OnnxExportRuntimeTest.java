package dev.nagare.loadtest.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Trace;
import dev.nagare.autograd.Variable;
import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.models.onnx.export.OnnxExport;
import dev.nagare.nn.Conv2d;
import dev.nagare.nn.Gru;
import dev.nagare.nn.Linear;
import dev.nagare.nn.Lstm;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.Recurrent;
import dev.nagare.nn.RecurrentOptions;
import dev.nagare.nn.ResidualBlock;
import dev.nagare.nn.Rnn;
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
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** ONNX Runtime answers what an exported eager model does. */
class OnnxExportRuntimeTest {
  private static final Dim BATCH = Dim.named("batch");
  private static final Dim STEPS = Dim.named("steps");
  private static final double MOST_ERROR = 1e-5;

  private final Kernels kernels = KernelProviders.best().kernels();
  private final ProcessMemory memory = new ProcessMemory("export test");
  private final ParameterFactory factory = new ParameterFactory(memory, DType.F32, 1);
  @TempDir private Path folder;

  @AfterEach
  void close() {
    memory.close();
  }

  private void requireSame(
      Map<String, Tensor> state, UnaryOperator<Variable> model, List<Dim> shape, long... dims)
      throws Exception {
    Path file = folder.resolve("model.onnx");
    Graph graph =
        new Trace(kernels, memory, state)
            .of(
                "model",
                List.of(new Trace.Input("x", DType.F32, shape)),
                (tape, in) -> model.apply(in.getFirst()));
    OnnxExport.write(graph, file);
    Tensor x = memory.empty(DType.F32, Shape.of(dims));
    var random = new CounterRandom(3, 0, 0);
    for (int i = 0; i < x.elements(); i++) {
      x.set(i, random.uniform(i) - 0.5);
    }
    OrtEnvironment environment =
        OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "nagare");
    try (var scope = new Scope(1 << 22);
        OrtSession session = environment.createSession(file.toString());
        OnnxTensor input =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(x.toFloats()), dims);
        OrtSession.Result result = session.run(Map.of("x", input))) {
      FloatBuffer actual = ((OnnxTensor) result.get(0)).getFloatBuffer();
      var tape = new Tape(kernels, scope);
      float[] expected;
      try (var _ = tape.noGrad()) {
        expected = model.apply(tape.constant(x)).value().contiguous(scope).toFloats();
      }
      assertThat(actual.remaining()).isEqualTo(expected.length);
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) actual.get(i)).isCloseTo(expected[i], within(MOST_ERROR));
      }
    }
  }

  @Test
  void imagesAgree() throws Exception {
    var convolution = new Conv2d(factory, 2, 4, Window.of(3, 3).padding(1, 1), 1, true);
    var block = new ResidualBlock(factory, 4, 6, 2);
    var head = new Linear(factory, 6, 3);
    block.eval();
    Map<String, Tensor> state = new HashMap<>();
    convolution.state().forEach((name, tensor) -> state.put("convolution." + name, tensor));
    block.state().forEach((name, tensor) -> state.put("block." + name, tensor));
    head.state().forEach((name, tensor) -> state.put("head." + name, tensor));
    requireSame(
        state,
        x -> head.forward(block.forward(convolution.forward(x).gelu()).globalAveragePool()),
        List.of(BATCH, Dim.of(2), Dim.of(8), Dim.of(8)),
        3,
        2,
        8,
        8);
  }

  @Test
  void recurrentLayersAgree() throws Exception {
    var options = RecurrentOptions.PLAIN.withLayers(2).withBidirectional(true);
    for (Recurrent layers :
        List.of(
            new Lstm(factory, 3, 4, options),
            new Gru(factory, 3, 4, options),
            new Rnn(factory, 3, 4, Activation.TANH, options),
            new Rnn(factory, 3, 4, Activation.RELU, options))) {
      requireSame(
          layers.state(), x -> layers.run(x).hidden(), List.of(BATCH, STEPS, Dim.of(3)), 2, 6, 3);
    }
  }

  @Test
  void aCausalTransformerAgrees() throws Exception {
    var layer = new TransformerEncoderLayer(factory, new TransformerOptions(8, 2, 16));
    layer.eval();
    requireSame(
        layer.state(),
        x -> layer.forward(x, Mask.CAUSAL),
        List.of(BATCH, STEPS, Dim.of(8)),
        3,
        5,
        8);
  }
}
