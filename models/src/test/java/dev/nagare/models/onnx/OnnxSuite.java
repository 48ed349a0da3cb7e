package dev.nagare.models.onnx;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Interpreter;
import dev.nagare.models.onnx.proto.ExternalFiles;
import dev.nagare.models.onnx.proto.NodeProto;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.models.onnx.proto.TensorProto;
import dev.nagare.models.onnx.proto.ValueInfoProto;
import dev.nagare.tensor.MappedMemory;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The test suite of ONNX as Debian's package {@code libonnx-testdata} installs it: a folder for
 * each case, with a model, inputs, and what a model must answer.
 */
final class OnnxSuite {
  /** Where the cases lie; {@code -Dnagare.onnx.data=} for another place. */
  static final Path DATA =
      Path.of(System.getProperty("nagare.onnx.data", "/usr/share/libonnx-testdata/data"));

  static final List<String> PARTS =
      List.of("node", "simple", "pytorch-operator", "pytorch-converted");

  // What the suite's own runner allows.
  private static final double RELATIVE = 1e-3;
  private static final double ABSOLUTE = 1e-7;

  private final Kernels kernels = KernelProviders.best().kernels();

  /** Names of all cases, such as {@code node/test_abs}. */
  static List<String> cases() throws IOException {
    List<String> cases = new ArrayList<>();
    for (String part : PARTS) {
      try (Stream<Path> folders = Files.list(DATA.resolve(part))) {
        folders
            .filter(folder -> Files.exists(folder.resolve("model.onnx")))
            .map(folder -> part + "/" + folder.getFileName())
            .forEach(cases::add);
      }
    }
    return cases.stream().sorted().toList();
  }

  /** Runs a case: what the manifest has to say of it. */
  Manifest.Entry run(String name) throws IOException {
    Path folder = DATA.resolve(name);
    try (OnnxModel model = OnnxModel.read(folder.resolve("model.onnx"))) {
      TreeSet<String> operators = new TreeSet<>();
      model.proto().graph().nodes().stream().map(NodeProto::operator).forEach(operators::add);
      String reason = model.unsupported().isEmpty() ? check(model, folder) : unsupported(model);
      return new Manifest.Entry(name, List.copyOf(operators), reason);
    } catch (OnnxException e) {
      return new Manifest.Entry(name, List.of(), shortened(e.getMessage()));
    }
  }

  /** Everything that is missing, in short. */
  private static String unsupported(OnnxModel model) {
    TreeSet<String> missing = new TreeSet<>();
    for (String line : model.unsupported()) {
      if (line.startsWith("operator ")) {
        missing.add(line.replaceFirst(" \\(.*?, opset \\d+\\)", ""));
      } else if (line.contains("element type ")) {
        missing.add(line.substring(line.indexOf("element type ")));
      } else {
        missing.add(line.startsWith("input ") ? line.replaceFirst(".*: ", "") : line);
      }
    }
    return String.join(", ", missing) + " not supported";
  }

  private String check(OnnxModel model, Path folder) throws IOException {
    try (ProcessMemory memory = new ProcessMemory("case " + folder.getFileName())) {
      List<Path> sets;
      try (Stream<Path> all = Files.list(folder)) {
        sets = all.filter(Files::isDirectory).sorted().toList();
      }
      for (Path set : sets) {
        check(model, set, memory);
      }
      return "";
    } catch (OnnxException | TensorException | Differs e) {
      return shortened(e.getMessage());
    }
  }

  private void check(OnnxModel model, Path set, ProcessMemory memory) throws IOException {
    List<String> constants =
        model.proto().graph().initializers().stream().map(TensorProto::name).toList();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    int next = 0;
    for (ValueInfoProto input : model.proto().graph().inputs()) {
      Path file = set.resolve("input_" + next++ + ".pb");
      if (Files.exists(file)) {
        inputs.put(input.name(), load(file, memory));
      } else if (!constants.contains(input.name())) {
        throw new OnnxException("no input " + input.name());
      }
    }
    Graph graph = graph(model, inputs);
    List<Tensor> outputs = List.copyOf(Interpreter.run(graph, kernels, inputs, memory).values());
    for (int i = 0; i < outputs.size(); i++) {
      compare("output " + i, outputs.get(i), load(set.resolve("output_" + i + ".pb"), memory));
    }
  }

  /** With as few inputs known as it takes: none, whole numbers, all but the first, all. */
  private static Graph graph(OnnxModel model, Map<String, Tensor> inputs) {
    Map<String, Tensor> whole = new LinkedHashMap<>();
    Map<String, Tensor> others = new LinkedHashMap<>();
    inputs.forEach(
        (name, tensor) -> {
          if (!tensor.dtype().isFloating()) {
            whole.put(name, tensor);
          }
          if (!name.equals(inputs.keySet().iterator().next())) {
            others.put(name, tensor);
          }
        });
    OnnxException last = null;
    for (Map<String, Tensor> known : List.of(Map.<String, Tensor>of(), whole, others, inputs)) {
      try {
        return model.graph(known);
      } catch (OnnxException e) {
        last = e;
      }
    }
    throw Objects.requireNonNull(last);
  }

  private static Tensor load(Path path, ProcessMemory memory) throws IOException {
    try (MappedMemory file = MappedMemory.open(path);
        ExternalFiles none = new ExternalFiles(DATA)) {
      TensorProto proto = TensorProto.read(file.bytes(0, (int) file.bytes()));
      return proto.load(file, none, memory).keep(memory);
    }
  }

  /** What a model answers is not what it must. */
  private static final class Differs extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Differs(String message) {
      super(message);
    }
  }

  private static void compare(String what, Tensor got, Tensor expected) {
    if (got.dtype() != expected.dtype() || !got.shape().equals(expected.shape())) {
      throw new Differs(what + ": got " + got + ", expected " + expected);
    }
    boolean floating = expected.dtype().isFloating();
    for (long i = 0; i < expected.elements(); i++) {
      double a = got.get(i);
      double b = expected.get(i);
      boolean same =
          floating
              ? a == b || (Double.isNaN(a) && Double.isNaN(b))
              : got.getLong(i) == expected.getLong(i);
      if (!same && !(floating && Math.abs(a - b) <= ABSOLUTE + RELATIVE * Math.abs(b))) {
        throw new Differs(
            String.format(
                Locale.ROOT, "%s: element %d of %s is %s, expected %s", what, i, got, a, b));
      }
    }
  }

  private static String shortened(@Nullable String message) {
    String line = String.valueOf(message).lines().findFirst().orElse("");
    String text = line.replaceFirst("^onnx: \\S*: ", "").replace('\t', ' ');
    return text.length() > 160 ? text.substring(0, 160) : text;
  }
}
