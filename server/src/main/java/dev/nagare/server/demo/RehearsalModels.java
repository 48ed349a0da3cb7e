package dev.nagare.server.demo;

import dev.nagare.autograd.Trace;
import dev.nagare.autograd.Variable;
import dev.nagare.graph.Dim;
import dev.nagare.models.onnx.export.OnnxExport;
import dev.nagare.nn.Conv2d;
import dev.nagare.nn.Linear;
import dev.nagare.nn.Lstm;
import dev.nagare.nn.Module;
import dev.nagare.nn.ParameterFactory;
import dev.nagare.nn.ResidualBlock;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.ScalarKernelProvider;
import dev.nagare.tensor.kernel.Window;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The model folder of a rehearsal: the models of the demo, a small network for images and a
 * recurrent one, so that the code that users' models need is met before they come.
 */
final class RehearsalModels {
  private static final long SEED = 1;
  private static final int CHANNELS = 16;
  private static final int HIDDEN = 64;
  private static final int CLASSES = 10;
  private static final Dim BATCH = Dim.named("N");

  private final ProcessMemory memory;
  private final ParameterFactory factory;
  private final Map<String, Tensor> state = new HashMap<>();

  private RehearsalModels(ProcessMemory memory) {
    this.memory = memory;
    this.factory = new ParameterFactory(memory, DType.F32, SEED);
  }

  /**
   * Writes the folder.
   *
   * @param known a folder whose models are to be in it, too; null for none
   */
  static Path write(Path folder, @Nullable Path known) throws IOException {
    if (known != null) {
      copy(known, folder);
    }
    try (var memory = new ProcessMemory("models of a rehearsal")) {
      new RehearsalModels(memory).image(file(folder, "image"));
      new RehearsalModels(memory).recurrent(file(folder, "recurrent"));
    }
    return folder;
  }

  private static Path file(Path folder, String model) throws IOException {
    return Files.createDirectories(folder.resolve(model).resolve("1")).resolve("model.onnx");
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> entries = Files.walk(from)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        Path target = to.resolve(from.relativize(entry));
        if (Files.isDirectory(entry)) {
          Files.createDirectories(target);
        } else {
          Files.copy(entry, target);
        }
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private void image(Path file) throws IOException {
    var stem = new Conv2d(factory, 1, CHANNELS, Window.of(3, 3).padding(1, 1), 1, true);
    var narrow = new ResidualBlock(factory, CHANNELS, CHANNELS, 1);
    var wide = new ResidualBlock(factory, CHANNELS, 2 * CHANNELS, 2);
    var head = new Linear(factory, 2 * CHANNELS, CLASSES);
    narrow.eval();
    wide.eval();
    know("stem", stem);
    know("narrow", narrow);
    know("wide", wide);
    know("head", head);
    export(
        file,
        List.of(BATCH, Dim.of(1), Dim.of(28), Dim.of(28)),
        x -> {
          Variable features = wide.forward(narrow.forward(stem.forward(x).relu()));
          return head.forward(features.globalAveragePool());
        });
  }

  private void recurrent(Path file) throws IOException {
    var lstm = new Lstm(factory, 8, HIDDEN);
    var head = new Linear(factory, HIDDEN, CLASSES);
    know("lstm", lstm);
    know("head", head);
    export(
        file, List.of(BATCH, Dim.of(32), Dim.of(8)), x -> head.forward(lstm.forward(x).hidden()));
  }

  private void know(String name, Module module) {
    module.state().forEach((parameter, tensor) -> state.put(name + "." + parameter, tensor));
  }

  private void export(Path file, List<Dim> shape, UnaryOperator<Variable> model)
      throws IOException {
    OnnxExport.write(
        new Trace(new ScalarKernelProvider().kernels(), memory, state)
            .of(
                "rehearsal",
                List.of(new Trace.Input("x", DType.F32, shape)),
                (tape, in) -> model.apply(in.getFirst())),
        file);
  }
}
