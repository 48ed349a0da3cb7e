package dev.nagare.server.predict;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nagare.graph.plan.PlanOptions;
import dev.nagare.io.Npy;
import dev.nagare.models.inference.CompiledModel;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.ModelOptions;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code nagare predict}. */
@Command(
    name = "predict",
    description = {
      "Runs an ONNX model on tensors from files and prints or writes what it answers.",
      "",
      "  nagare predict digits.onnx --input image=seven.npy",
      "  nagare predict model.onnx --input ids=ids.pb --input mask=mask.npy --output answers/",
      ""
    },
    mixinStandardHelpOptions = true)
public final class PredictCommand implements Callable<Integer> {
  private static final int SHOWN = 8;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "MODEL.onnx", description = "The model.")
  private Path model = Path.of("");

  @Option(
      names = "--input",
      paramLabel = "NAME=FILE",
      description = "An input: a .npy file, or a .pb file with one TensorProto. Once for each.")
  private Map<String, Path> inputs = new LinkedHashMap<>();

  @Option(
      names = "--known",
      paramLabel = "NAME",
      split = ",",
      description = "Inputs whose values determine shapes, and are therefore part of the plan.")
  private Set<String> known = Set.of();

  @Option(
      names = "--size",
      paramLabel = "NAME=NUMBER",
      split = ",",
      description = "A named size that decides which branch the model takes, before it is read.")
  private Map<String, Long> sizes = new LinkedHashMap<>();

  @Option(
      names = "--output",
      paramLabel = "FOLDER",
      description = "Writes each output into a .npy file of its name instead of printing it.")
  private @Nullable Path output;

  @Option(names = "--bf16", description = "Compute in BF16 where the processor can.")
  private boolean bf16;

  @Option(names = "--json", description = "Print the outputs whole, as JSON.")
  private boolean json;

  PredictCommand() {}

  @Override
  public Integer call() throws IOException {
    try (var memory = new ProcessMemory("predict")) {
      Map<String, Tensor> given = InputFiles.read(inputs, memory);
      Map<String, Tensor> fixed = new HashMap<>(given);
      fixed.keySet().retainAll(known);
      given.keySet().removeAll(known);
      try (CompiledModel loaded = load(fixed);
          InferenceModel.Session session = loaded.open()) {
        List<Tensor> ordered = InputFiles.ordered(loaded.inputs(), given);
        var _ = loaded.size(ordered); // sizes that inputs share
        List<Tensor> outputs = session.run(List.of(ordered)).getFirst();
        answer(loaded.outputs(), outputs);
      } catch (TensorException e) {
        throw new CommandException(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
      }
    }
    return ExitCode.OK;
  }

  private CompiledModel load(Map<String, Tensor> fixed) {
    var options = ModelOptions.best().sizes(sizes);
    if (bf16) {
      options = options.plan(PlanOptions.DEFAULT.dtype(DType.BF16));
    }
    try {
      return CompiledModel.load(model, fixed, options);
    } catch (IOException | OnnxException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private void answer(List<TensorSpec> specs, List<Tensor> outputs) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    var all = new ObjectMapper().createObjectNode();
    for (int i = 0; i < outputs.size(); i++) {
      String name = specs.get(i).name();
      Tensor tensor = outputs.get(i);
      if (output != null) {
        Path file = Files.createDirectories(output).resolve(safe(name) + ".npy");
        Npy.write(file, tensor);
        out.println(name + "  " + described(tensor) + "  " + file);
      } else if (json) {
        write(all.putObject(name), tensor);
      } else {
        out.println(name + "  " + described(tensor) + "  " + shown(tensor));
      }
    }
    if (json && output == null) {
      out.println(all);
    }
    out.flush();
  }

  /** Names of outputs may hold what no file name may. */
  private static String safe(String name) {
    return name.replaceAll("[^A-Za-z0-9._-]", "_");
  }

  private static String described(Tensor tensor) {
    return tensor.dtype().openInferenceName() + " " + tensor.shape();
  }

  private static String shown(Tensor tensor) {
    var text = new StringBuilder("[");
    long count = Math.min(SHOWN, tensor.elements());
    for (long i = 0; i < count; i++) {
      text.append(i == 0 ? "" : ", ").append(shown(tensor, i));
    }
    return text.append(tensor.elements() > count ? ", …]" : "]").toString();
  }

  private static String shown(Tensor tensor, long index) {
    return tensor.dtype().isFloating()
        ? String.format(Locale.ROOT, "%.6g", tensor.get(index))
        : Long.toString(tensor.getLong(index));
  }

  private static void write(ObjectNode to, Tensor tensor) {
    to.put("datatype", tensor.dtype().openInferenceName());
    ArrayNode shape = to.putArray("shape");
    for (long size : tensor.shape().toArray()) {
      shape.add(size);
    }
    ArrayNode data = to.putArray("data");
    for (long i = 0; i < tensor.elements(); i++) {
      switch (tensor.dtype()) {
        case F32 -> data.add((float) tensor.get(i));
        case F64, BF16 -> data.add(tensor.get(i));
        case BOOL -> data.add(tensor.getLong(i) != 0);
        case I64, I32, U8 -> data.add(tensor.getLong(i));
      }
    }
  }
}
