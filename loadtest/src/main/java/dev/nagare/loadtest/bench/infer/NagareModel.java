package dev.nagare.loadtest.bench.infer;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.pass.Passes;
import dev.nagare.graph.plan.Frame;
import dev.nagare.graph.plan.Gang;
import dev.nagare.graph.plan.PackedWeights;
import dev.nagare.graph.plan.Plan;
import dev.nagare.graph.plan.PlanOptions;
import dev.nagare.models.onnx.OnnxModel;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.KernelProviders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Our side for one request: a plan for its sizes, whose inputs lie where the plan reads them. */
final class NagareModel implements InferModel {
  private final OnnxModel onnx;
  private final ProcessMemory memory = new ProcessMemory("bench infer");
  private final Plan plan;
  private final PackedWeights weights;
  private final @Nullable Gang gang;
  private final Frame frame;

  NagareModel(Path file, Request request, int lanes, boolean bf16) throws IOException {
    onnx = OnnxModel.read(file);
    var kernels = KernelProviders.best().kernels();
    Graph graph = Passes.inference(onnx.graph(Map.of()), kernels, memory).graph();
    var options = new PlanOptions(bf16 ? DType.BF16 : DType.F32, lanes);
    plan = Plan.compile(graph, sizes(graph, request), kernels, options);
    weights = plan.pack();
    onnx.letGo();
    gang = lanes > 1 ? new Gang(lanes) : null;
    frame = gang == null ? plan.open(weights) : plan.open(weights, gang);
    for (Input input : request.inputs()) {
      fill(input, frame.input(input.name()));
    }
  }

  private static Map<String, Long> sizes(Graph graph, Request request) {
    Map<String, Long> sizes = new HashMap<>();
    for (Value value : graph.inputs()) {
      for (Input input : request.inputs()) {
        if (input.name().equals(value.name())) {
          List<Dim> shape = value.fact().shape();
          for (int axis = 0; axis < shape.size(); axis++) {
            if (!shape.get(axis).isKnown()) {
              sizes.put(shape.get(axis).toString(), input.dims()[axis]);
            }
          }
        }
      }
    }
    return sizes;
  }

  /** Writes the elements of an input. */
  static void fill(Input input, Tensor tensor) {
    switch (input) {
      case Input.Floats floats -> tensor.copyFrom(floats.values(), 0);
      case Input.Longs longs -> {
        for (int i = 0; i < longs.values().length; i++) {
          tensor.setLong(i, longs.values()[i]);
        }
      }
    }
  }

  @Override
  public void run() {
    frame.run();
  }

  @Override
  public float[] outputs() {
    return frame.output(0).toFloats();
  }

  @Override
  public void close() {
    frame.close();
    if (gang != null) {
      gang.close();
    }
    weights.close();
    plan.close();
    memory.close();
    onnx.close();
  }
}
