package dev.nagare.models.onnx.op;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.models.onnx.proto.GraphProto;
import dev.nagare.models.onnx.proto.TensorProto;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where a node is imported: the values that it can see, and the graph that it goes into. */
public interface ImportScope {

  /** What nodes are added to. */
  Graph graph();

  /**
   * The value of a name of the model.
   *
   * @throws dev.nagare.models.onnx.proto.OnnxException if there is none
   */
  Value value(String name);

  /** Says which value a name of the model stands for. */
  void define(String name, Value value);

  /** The elements of a constant, which last as long as the model. */
  Tensor tensor(TensorProto proto);

  /** Memory that lasts as long as the model, for constants that an operator makes. */
  Memory memory();

  /** The elements of a value that depends on constants only; null if it depends on more. */
  @Nullable Tensor constant(Value value);

  /** Adds the nodes of a subgraph to the graph; answers its outputs. */
  List<Value> inline(GraphProto branch);

  /** Names of this scope that a subgraph reads and that are no constants, in its order. */
  List<String> captures(GraphProto branch);

  /** A subgraph as a graph of its own, whose inputs are these values of this scope. */
  Graph subgraph(GraphProto branch, List<String> captured);
}
