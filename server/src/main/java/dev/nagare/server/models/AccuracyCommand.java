package dev.nagare.server.models;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.nagare.models.inference.Accuracy;
import dev.nagare.models.inference.AccuracyCheck;
import dev.nagare.models.inference.ModelOptions;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.server.predict.InputFiles;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code nagare models accuracy}. */
@Command(
    name = "accuracy",
    description = {
      "How close a model in BF16 comes to the same in F32, over made-up inputs or given ones.",
      "Exit code 1 if an output's cosine is below --least-cosine.",
      "",
      "  nagare models accuracy sentences --repository models",
      "  nagare models accuracy model.onnx --input ids=ids.npy --input mask=mask.npy",
      ""
    },
    mixinStandardHelpOptions = true)
final class AccuracyCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", description = "An ONNX file, or a model of --repository.")
  private String name = "";

  @Option(names = "--repository", paramLabel = "FOLDER", description = "The folder of models.")
  private @Nullable Path repository;

  @Option(
      names = "--input",
      paramLabel = "NAME=FILE",
      description = "An input: a .npy file, or a .pb file with one TensorProto. Once for each.")
  private Map<String, Path> inputs = new LinkedHashMap<>();

  @Option(
      names = "--size",
      paramLabel = "NAME=NUMBER",
      split = ",",
      description =
          "A named size of made-up inputs. Without: 4 on a first axis, elsewhere the first of 32,"
              + " 64, 128 and 224 that the model takes.")
  private Map<String, Long> sizes = new LinkedHashMap<>();

  @Option(
      names = "--seed",
      paramLabel = "NUMBER",
      defaultValue = "1",
      description = "Of made-up inputs (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  @Option(
      names = "--least-cosine",
      paramLabel = "NUMBER",
      description = "The bound (default: ${DEFAULT-VALUE}).")
  private double leastCosine = Accuracy.LEAST_COSINE;

  @Option(names = "--json", description = "Print it as JSON.")
  private boolean json;

  AccuracyCommand() {}

  @Override
  public Integer call() throws IOException {
    Accuracy found;
    Path file = ModelPath.of(name, repository);
    try (var memory = new ProcessMemory("accuracy");
        var check = new AccuracyCheck(file, ModelOptions.best())) {
      if (inputs.isEmpty()) {
        found = check.seeded(sizes, seed);
      } else {
        Map<String, Tensor> given = InputFiles.read(inputs, memory);
        found = check.on(InputFiles.ordered(check.inputs(), given));
      }
    } catch (OnnxException e) {
      throw new CommandException(ExitCode.USAGE, String.valueOf(e.getMessage()), e);
    } catch (TensorException e) {
      throw new CommandException(ExitCode.FAILURE, String.valueOf(e.getMessage()), e);
    }
    boolean good = found.reaches(leastCosine);
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? asJson(found, good) + "\n" : asText(found, good));
    out.flush();
    return good ? ExitCode.OK : ExitCode.FAILURE;
  }

  private String over() {
    return inputs.isEmpty() ? "made-up inputs of seed " + seed : "the inputs given";
  }

  private String asText(Accuracy found, boolean good) {
    int width = "output".length();
    for (Accuracy.Output output : found.outputs()) {
      width = Math.max(width, output.name().length());
    }
    var text = new StringBuilder(name + " in BF16 against F32, over " + over() + "\n");
    text.append(
        String.format(
            Locale.ROOT,
            "  %-" + width + "s  %-10s  %-13s  %s%n",
            "output",
            "cosine",
            "error / scale",
            "scale"));
    String row = "  %-" + width + "s  %-10.7f  %-13.2e  %.3g%n";
    for (Accuracy.Output output : found.outputs()) {
      text.append(
          String.format(
              Locale.ROOT, row, output.name(), output.cosine(), output.error(), output.scale()));
    }
    return text.append(
            good
                ? "within the bound: a cosine of at least "
                : "NOT within the bound: a cosine of at least ")
        .append(leastCosine)
        .append('\n')
        .toString();
  }

  private String asJson(Accuracy found, boolean good) {
    ObjectNode all = new ObjectMapper().createObjectNode();
    all.put("model", name);
    all.put("precision", "bf16");
    all.put("inputs", over());
    all.put("least_cosine", leastCosine);
    all.put("within", good);
    var outputs = all.putArray("outputs");
    for (Accuracy.Output output : found.outputs()) {
      outputs
          .addObject()
          .put("name", output.name())
          .put("cosine", output.cosine())
          .put("error", output.error())
          .put("scale", output.scale());
    }
    return all.toString();
  }
}
