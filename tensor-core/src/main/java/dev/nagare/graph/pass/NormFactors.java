package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.BatchNorm;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;

/** What a batch normalisation by constants multiplies its channels with. */
final class NormFactors {
  private NormFactors() {}

  /** Whether scale, shift, mean and variance are constants. */
  static boolean areConstant(Node node) {
    for (int i = 1; i < 5; i++) {
      if (!node.input(i).isConstant()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Adds {@code scale / √(variance + ε)} before the node.
   *
   * @param memory where ε goes
   */
  static Value add(Graph graph, Node node, BatchNorm norm, Memory memory) {
    Tensor small = memory.empty(node.input(3).fact().dtype(), Shape.of(1));
    small.set(0, norm.epsilon());
    Value epsilon = graph.newConstant("epsilon", small);
    Value variance = binary(graph, node, Binary.Function.ADD, node.input(4), epsilon);
    Value root = graph.addBefore(node, new Unary(Unary.Function.SQRT), variance);
    return binary(graph, node, Binary.Function.DIV, node.input(1), root);
  }

  /** Adds a function of two values before the node. */
  static Value binary(Graph graph, Node before, Binary.Function function, Value a, Value b) {
    return graph.addBefore(before, new Binary(function), a, b);
  }
}
