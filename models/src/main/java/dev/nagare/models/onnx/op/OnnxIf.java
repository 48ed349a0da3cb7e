package dev.nagare.models.onnx.op;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.If;
import dev.nagare.models.onnx.proto.GraphProto;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code If}, opset 1–20. A condition that is known before the model runs chooses its branch at
 * import; otherwise both are graphs of their own, and the values that they see are inputs.
 */
final class OnnxIf implements OnnxOperator {
  @Override
  public String name() {
    return "If";
  }

  @Override
  public void add(NodeReader node) {
    GraphProto then = node.subgraph("then_branch");
    GraphProto otherwise = node.subgraph("else_branch");
    List<Dim> condition = node.knownSizes(0);
    if (condition != null && condition.size() == 1 && condition.getFirst().isKnown()) {
      List<Value> outputs = node.scope().inline(condition.getFirst().is(0) ? otherwise : then);
      if (outputs.size() != node.outputs()) {
        throw node.refuse(node.outputs() + " outputs, but its branch has " + outputs.size());
      }
      for (int i = 0; i < outputs.size(); i++) {
        node.define(i, outputs.get(i));
      }
      return;
    }
    List<String> captured = new ArrayList<>(node.scope().captures(then));
    for (String name : node.scope().captures(otherwise)) {
      if (!captured.contains(name)) {
        captured.add(name);
      }
    }
    Graph first = node.scope().subgraph(then, captured);
    Graph second = node.scope().subgraph(otherwise, captured);
    List<@Nullable Value> inputs = new ArrayList<>();
    inputs.add(node.input(0));
    captured.forEach(name -> inputs.add(node.scope().value(name)));
    node.emit(new If(first, second), inputs);
  }
}
