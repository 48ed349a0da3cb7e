package dev.nagare.models.onnx.proto;

import java.util.ArrayList;
import java.util.List;

/**
 * Values and the nodes between them; also the branch of an {@code If}.
 *
 * @param name of the graph
 * @param nodes in an order in which they can run
 * @param initializers constants; some files name them as inputs too
 * @param inputs what a caller gives
 * @param outputs what a caller gets
 * @param sparse how many sparse initializers it has; none are supported
 */
public record GraphProto(
    String name,
    List<NodeProto> nodes,
    List<TensorProto> initializers,
    List<ValueInfoProto> inputs,
    List<ValueInfoProto> outputs,
    int sparse) {

  static GraphProto read(WireReader in) {
    String name = "";
    List<NodeProto> nodes = new ArrayList<>();
    List<TensorProto> initializers = new ArrayList<>();
    List<ValueInfoProto> inputs = new ArrayList<>();
    List<ValueInfoProto> outputs = new ArrayList<>();
    int sparse = 0;
    while (in.next()) {
      switch (in.field()) {
        case 1 -> nodes.add(NodeProto.read(in.message()));
        case 2 -> name = in.string();
        case 5 -> initializers.add(TensorProto.read(in.message()));
        case 11 -> inputs.add(ValueInfoProto.read(in.message()));
        case 12 -> outputs.add(ValueInfoProto.read(in.message()));
        case 15 -> {
          sparse++;
          in.skip();
        }
        default -> in.skip();
      }
    }
    return new GraphProto(
        name,
        List.copyOf(nodes),
        List.copyOf(initializers),
        List.copyOf(inputs),
        List.copyOf(outputs),
        sparse);
  }
}
