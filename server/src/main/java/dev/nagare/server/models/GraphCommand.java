package dev.nagare.server.models;

import dev.nagare.graph.Graph;
import dev.nagare.graph.GraphDot;
import dev.nagare.graph.pass.Passes;
import dev.nagare.graph.plan.Frame;
import dev.nagare.graph.plan.PackedWeights;
import dev.nagare.graph.plan.Plan;
import dev.nagare.graph.plan.PlanOptions;
import dev.nagare.models.onnx.OnnxModel;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code nagare models graph}. */
@Command(
    name = "graph",
    description = {
      "What a model computes: its graph as text or for Graphviz, or the plan for some sizes.",
      "",
      "  nagare models graph digits --repository models",
      "  nagare models graph model.onnx --dot | dot -Tsvg > model.svg",
      "  nagare models graph model.onnx --plan batch=1,seq=16 --profile",
      "  nagare models graph model.onnx --plan batch=1,seq=16 --profile --precision bf16",
      ""
    },
    mixinStandardHelpOptions = true)
final class GraphCommand implements Callable<Integer> {
  private static final int PROFILE_RUNS = 200;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", description = "An ONNX file, or a model of --repository.")
  private String name = "";

  @Option(names = "--repository", paramLabel = "FOLDER", description = "The folder of models.")
  private @Nullable Path repository;

  @Option(names = "--imported", description = "As the file has it, before any pass.")
  private boolean imported;

  @Option(names = "--dot", description = "For Graphviz.")
  private boolean dot;

  @Option(
      names = "--plan",
      paramLabel = "NAME=SIZE",
      split = ",",
      arity = "0..1",
      fallbackValue = "batch=1",
      description = "The plan for these sizes: kernels, memory, order of steps.")
  private Map<String, Long> plan = new LinkedHashMap<>();

  @Option(names = "--profile", description = "With --plan: where the time of a run goes.")
  private boolean profile;

  @Option(
      names = "--precision",
      paramLabel = "F32|BF16",
      description =
          "With --plan: in which dtype products and convolutions are computed (default: F32).")
  private DType precision = DType.F32;

  GraphCommand() {}

  @Override
  public Integer call() throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    Kernels kernels = KernelProviders.best().kernels();
    try (var memory = new ProcessMemory("graph");
        OnnxModel model = OnnxModel.read(ModelPath.of(name, repository))) {
      Graph graph = model.graph(Map.of());
      if (!imported) {
        graph = Passes.inference(graph, kernels, memory).graph();
      }
      if (plan.isEmpty() && !profile) {
        out.print(dot ? GraphDot.of(graph) : graph.toString());
      } else {
        out.print(planned(graph, kernels));
      }
    } catch (OnnxException | TensorException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
    out.flush();
    return ExitCode.OK;
  }

  private String planned(Graph graph, Kernels kernels) {
    try (Plan compiled = Plan.compile(graph, plan, kernels, PlanOptions.DEFAULT.dtype(precision))) {
      if (!profile) {
        return compiled.toString();
      }
      try (PackedWeights weights = compiled.pack();
          Frame frame = compiled.open(weights)) {
        frame.profile(PROFILE_RUNS);
        return frame.profile(PROFILE_RUNS).toString();
      }
    }
  }
}
