package dev.nagare.server.predict;

import dev.nagare.io.Npy;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.onnx.TensorFile;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.server.cli.CommandException;
import dev.nagare.server.cli.ExitCode;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The tensors that a command line names. */
public final class InputFiles {
  private InputFiles() {}

  /**
   * Reads the inputs named, each {@code .npy} or else a TensorProto.
   *
   * @throws CommandException that names the input that cannot be read
   */
  public static Map<String, Tensor> read(Map<String, Path> files, Memory memory) {
    Map<String, Tensor> tensors = new HashMap<>();
    files.forEach((name, file) -> tensors.put(name, read(name, file, memory)));
    return tensors;
  }

  private static Tensor read(String name, Path file, Memory memory) {
    try {
      return file.toString().endsWith(".npy")
          ? Npy.read(file, memory)
          : TensorFile.read(file, memory);
    } catch (IOException | OnnxException | TensorException e) {
      throw new CommandException(
          ExitCode.USAGE, "--input " + name + ": cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * The inputs in the model's order.
   *
   * @throws CommandException that says which is missing, unknown or unfit, and what is expected
   */
  public static List<Tensor> ordered(List<TensorSpec> specs, Map<String, Tensor> given) {
    String wanted =
        specs.stream().map(spec -> spec.name() + ": " + spec).collect(Collectors.joining(", "));
    List<Tensor> ordered = new ArrayList<>();
    for (TensorSpec spec : specs) {
      Tensor tensor = given.get(spec.name());
      if (tensor == null) {
        throw new CommandException(
            ExitCode.USAGE, "--input " + spec.name() + " is missing; the model takes " + wanted);
      }
      if (!spec.fits(tensor)) {
        throw new CommandException(
            ExitCode.USAGE,
            "--input "
                + spec.name()
                + ": expected "
                + spec
                + ", got "
                + tensor.dtype().openInferenceName()
                + " "
                + tensor.shape());
      }
      ordered.add(tensor);
    }
    for (String name : given.keySet()) {
      if (specs.stream().noneMatch(spec -> spec.name().equals(name))) {
        throw new CommandException(
            ExitCode.USAGE, "--input " + name + ": unknown; the model takes " + wanted);
      }
    }
    return ordered;
  }
}
