package dev.nagare.models.onnx;

import dev.nagare.graph.Graph;
import dev.nagare.models.onnx.proto.ExternalFiles;
import dev.nagare.models.onnx.proto.ModelProto;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.models.onnx.proto.TensorProto;
import dev.nagare.tensor.MappedMemory;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A model file in the ONNX format, mapped.
 *
 * <pre>{@code
 * try (OnnxModel model = OnnxModel.read(path)) {
 *   Graph graph = model.graph(Map.of());
 *   ...
 * }
 * }</pre>
 *
 * <p>Supported are opsets 7 to 20 of the domain {@code ai.onnx}, dense tensors, and elements in
 * files of the model's folder; {@code docs/onnx-coverage.md} lists the operators. Constants are
 * views on the mapped file where their bytes lie at a multiple of the element's size, else copies;
 * they end with {@link #close}. For one thread at a time. Source: {@code onnx.proto}, IR versions 3
 * to 9, and the operator schemas of ONNX.
 */
public final class OnnxModel implements AutoCloseable {
  private final Path path;
  private final MappedMemory file;
  private final ExternalFiles external;
  private final ProcessMemory memory;
  private final ModelProto proto;
  private final List<String> unsupported;
  private final IdentityHashMap<TensorProto, Tensor> tensors = new IdentityHashMap<>();

  private OnnxModel(Path path, MappedMemory file, ModelProto proto, List<String> unsupported) {
    this.path = path;
    this.file = file;
    this.proto = proto;
    this.unsupported = unsupported;
    Path parent = path.toAbsolutePath().getParent();
    this.external = new ExternalFiles(Objects.requireNonNull(parent));
    this.memory = new ProcessMemory("onnx " + path.getFileName());
  }

  /**
   * Reads and checks a model; what it holds besides weights is read, weights stay where they are.
   *
   * @throws IOException if the file cannot be read
   * @throws OnnxException if it is damaged, or contradicts itself
   */
  public static OnnxModel read(Path path) throws IOException {
    MappedMemory file = MappedMemory.open(path);
    try {
      if (file.bytes() > Integer.MAX_VALUE) {
        throw new OnnxException("it has " + file.bytes() + " bytes, protobuf ends at 2 GB");
      }
      ModelProto proto = ModelProto.read(file.bytes(0, (int) file.bytes()));
      return new OnnxModel(path, file, proto, List.copyOf(ModelCheck.run(proto)));
    } catch (OnnxException e) {
      file.close();
      throw new OnnxException("onnx: " + path + ": " + e.getMessage(), e);
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /** What the file says. */
  public ModelProto proto() {
    return proto;
  }

  /** What the model needs and is not supported, one line each; empty if it can be a graph. */
  public List<String> unsupported() {
    return unsupported;
  }

  /** Bytes of the weights, of which none was read for this: in this file, or in those beside it. */
  public long weightBytes() {
    return proto.graph().initializers().stream().mapToLong(TensorProto::bytes).sum();
  }

  /**
   * The model as a graph.
   *
   * <p>Sizes that the file names, such as {@code batch}, are names of sizes in the graph; those
   * that it leaves open are named by input and axis, such as {@code x.0}. An input whose elements
   * determine shapes must be known: pass its value, and it is a constant.
   *
   * @param known values of inputs by name, which then are no inputs any more; they must last as
   *     long as the graph
   * @throws OnnxException if something is not supported, with all of it at once, or does not fit
   */
  public Graph graph(Map<String, Tensor> known) {
    return graph(known, Map.of());
  }

  /**
   * The model as a graph in which some named sizes are numbers from the start, so that what depends
   * on them, such as the branch of an {@code If}, is decided now.
   *
   * @param known values of inputs by name, as above
   * @param sizes numbers by the names that the graph would have
   * @throws OnnxException also if there is no such name
   */
  public Graph graph(Map<String, Tensor> known, Map<String, Long> sizes) {
    if (!unsupported.isEmpty()) {
      throw new OnnxException(
          "onnx: " + path + ": not supported:\n  " + String.join("\n  ", unsupported));
    }
    try {
      return new GraphImporter(proto, this::load, memory, sizes).graph(known);
    } catch (OnnxException e) {
      throw new OnnxException("onnx: " + path + ": " + e.getMessage(), e);
    }
  }

  private Tensor load(TensorProto tensor) {
    return tensors.computeIfAbsent(tensor, it -> it.load(file, external, memory));
  }

  /**
   * Gives back the memory of the files' pages that were read: weights that a plan has packed are
   * read no more, and what is looked up in a table comes from the page cache again.
   */
  public void letGo() {
    file.letGo();
    external.letGo();
  }

  /** Unmaps the file; constants of its graphs become invalid. A second call does nothing. */
  @Override
  public void close() {
    memory.close();
    external.close();
    file.close();
  }
}
