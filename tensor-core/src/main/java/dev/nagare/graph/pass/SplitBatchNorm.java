package dev.nagare.graph.pass;

import static dev.nagare.graph.pass.NormFactors.binary;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.BatchNorm;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Reshape;
import dev.nagare.tensor.Memory;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes a product and a sum of a batch normalisation that nothing before it could take in, so that
 * one kernel does both, and the activation behind them:
 *
 * <pre>
 * s = scale / √(variance + ε)      y = x · s + (shift - mean · s)
 * </pre>
 */
public final class SplitBatchNorm extends Rewriting {
  private final Memory memory;

  /** Creates a pass that puts ε into this memory. */
  public SplitBatchNorm(Memory memory) {
    this.memory = memory;
  }

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    if (!(node.operator() instanceof BatchNorm norm) || !NormFactors.areConstant(node)) {
      return null;
    }
    Value mean = node.input(3);
    Value factors = NormFactors.add(graph, node, norm, memory);
    Value moved = binary(graph, node, Binary.Function.MUL, mean, factors);
    Value shift = binary(graph, node, Binary.Function.SUB, node.input(2), moved);
    Value product =
        binary(graph, node, Binary.Function.MUL, node.input(0), perChannel(graph, node, factors));
    return binary(graph, node, Binary.Function.ADD, product, perChannel(graph, node, shift));
  }

  /** {@code [C]} as {@code [C, 1, ..]}, which broadcasts to the channels. */
  private static Value perChannel(Graph graph, Node node, Value channels) {
    List<Dim> shape = new ArrayList<>(List.of(channels.fact().dim(0)));
    for (int axis = 2; axis < node.input(0).fact().rank(); axis++) {
      shape.add(Dim.ONE);
    }
    return graph.addBefore(node, new Reshape(shape), channels);
  }
}
