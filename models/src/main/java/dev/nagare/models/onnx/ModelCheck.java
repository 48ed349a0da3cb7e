package dev.nagare.models.onnx;

import dev.nagare.models.onnx.op.OnnxOperator;
import dev.nagare.models.onnx.op.OnnxOperators;
import dev.nagare.models.onnx.proto.AttributeProto;
import dev.nagare.models.onnx.proto.ElementType;
import dev.nagare.models.onnx.proto.GraphProto;
import dev.nagare.models.onnx.proto.ModelProto;
import dev.nagare.models.onnx.proto.NodeProto;
import dev.nagare.models.onnx.proto.OnnxException;
import dev.nagare.models.onnx.proto.TensorProto;
import dev.nagare.models.onnx.proto.ValueInfoProto;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of a model before anything is made of it: every value is made once, before it is
 * read, so that there is no cycle; shapes have sizes that can be; and all that is not supported is
 * found at once.
 */
final class ModelCheck {
  /** The most nodes of a model, branches counted. */
  static final int MOST_NODES = 100_000;

  /** The most axes of an input or a constant. */
  private static final int MOST_AXES = 64;

  private final long opset;
  private final Set<String> unsupported = new LinkedHashSet<>();
  private int nodes;

  private ModelCheck(long opset) {
    this.opset = opset;
  }

  /**
   * Checks a model.
   *
   * @return what is not supported, one line each
   * @throws OnnxException if it contradicts itself
   */
  static Set<String> run(ModelProto model) {
    Long opset = model.opset("");
    if (opset == null) {
      throw new OnnxException("model: it does not say which version of ai.onnx it is written for");
    }
    var check = new ModelCheck(opset);
    if (opset < OnnxOperators.FIRST_OPSET || opset > OnnxOperators.LAST_OPSET) {
      check.unsupported.add(
          "opset "
              + opset
              + ": expected "
              + OnnxOperators.FIRST_OPSET
              + " to "
              + OnnxOperators.LAST_OPSET);
    }
    if (model.functions() > 0) {
      check.unsupported.add("functions of the model's own: it has " + model.functions());
    }
    check.graph(model.graph(), Set.of());
    for (ValueInfoProto input : model.graph().inputs()) {
      check.input(input);
    }
    return check.unsupported;
  }

  private void input(ValueInfoProto input) {
    if (!input.tensor()) {
      unsupported.add("input " + input.name() + ": sequences, maps and optional values");
    } else if (ElementType.dtypeOrNull(input.elementType()) == null) {
      unsupported.add(
          "input " + input.name() + ": element type " + ElementType.nameOf(input.elementType()));
    }
    if (input.shape() != null) {
      if (input.shape().size() > MOST_AXES) {
        throw new OnnxException("input " + input.name() + ": " + input.shape().size() + " axes");
      }
      for (ValueInfoProto.Size size : input.shape()) {
        if (size.value() < -1 || size.value() > Integer.MAX_VALUE) {
          throw new OnnxException("input " + input.name() + ": size " + size.value());
        }
      }
    }
  }

  private void graph(GraphProto graph, Set<String> outside) {
    if (graph.sparse() > 0) {
      unsupported.add("sparse initializers: it has " + graph.sparse());
    }
    Set<String> made = new HashSet<>();
    for (ValueInfoProto input : graph.inputs()) {
      make(made, input.name(), "input");
    }
    Set<String> constants = new HashSet<>();
    for (TensorProto constant : graph.initializers()) {
      if (constant.name().isEmpty() || !constants.add(constant.name())) {
        throw new OnnxException("initializer '" + constant.name() + "' is there twice or nameless");
      }
      made.add(constant.name()); // may be an input, too
      tensor("initializer " + constant.name(), constant);
    }
    Set<String> seen = new HashSet<>(made);
    seen.addAll(outside);
    for (NodeProto node : graph.nodes()) {
      node(node, seen, made);
    }
    for (ValueInfoProto output : graph.outputs()) {
      if (!seen.contains(output.name())) {
        throw new OnnxException("output '" + output.name() + "' is made by no node");
      }
    }
  }

  private void node(NodeProto node, Set<String> seen, Set<String> made) {
    if (++nodes > MOST_NODES) {
      throw new OnnxException("model: more than " + MOST_NODES + " nodes");
    }
    String what = "node " + node.label() + " (" + node.operator() + ")";
    for (String input : node.inputs()) {
      if (!input.isEmpty() && !seen.contains(input)) {
        throw new OnnxException(
            what + ": reads '" + input + "', which no node before it makes: missing, or a cycle");
      }
    }
    supported(node);
    for (AttributeProto attribute : node.attributes().values()) {
      if (attribute.tensor() != null) {
        tensor(what + ", attribute " + attribute.name(), attribute.tensor());
      }
      if (attribute.graph() != null) {
        graph(attribute.graph(), seen);
      }
    }
    for (String output : node.outputs()) {
      if (!output.isEmpty()) {
        make(made, output, what);
        seen.add(output);
      }
    }
  }

  private static void make(Set<String> made, String name, String what) {
    if (name.isEmpty() || !made.add(name)) {
      throw new OnnxException(what + ": value '" + name + "' is made twice or nameless");
    }
  }

  private void tensor(String what, TensorProto tensor) {
    if (tensor.shape().rank() > MOST_AXES) {
      throw new OnnxException(what + ": " + tensor.shape().rank() + " axes");
    }
    if (ElementType.dtypeOrNull(tensor.elementType()) == null) {
      unsupported.add(what + ": element type " + ElementType.nameOf(tensor.elementType()));
    }
  }

  private void supported(NodeProto node) {
    String reason = unsupported(node);
    if (reason != null) {
      unsupported.add(
          "operator "
              + node.operator()
              + " (node "
              + node.label()
              + ", opset "
              + opset
              + ")"
              + reason);
    }
  }

  private @Nullable String unsupported(NodeProto node) {
    OnnxOperator operator = node.domain().isEmpty() ? OnnxOperators.named(node.type()) : null;
    if (operator == null) {
      return "";
    }
    if (opset < operator.since() || opset > operator.until()) {
      return ": expected opset " + operator.since() + " to " + operator.until();
    }
    return null;
  }
}
