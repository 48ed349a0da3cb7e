package dev.nagare.graph.pass;

import static dev.nagare.graph.pass.NormFactors.binary;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.BatchNorm;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.Memory;
import org.jspecify.annotations.Nullable;

/**
 * Folds batch normalisation into the convolution or linear node before it:
 *
 * <pre>
 * s = scale / √(variance + ε)      weight' = s · weight      bias' = (bias - mean) · s + shift
 * </pre>
 */
public final class FoldBatchNorm extends Rewriting {
  private final Memory memory;

  /** Creates a pass that puts ε into this memory. */
  public FoldBatchNorm(Memory memory) {
    this.memory = memory;
  }

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    if (!(node.operator() instanceof BatchNorm norm) || !NormFactors.areConstant(node)) {
      return null;
    }
    Weighted weighted = Weighted.of(graph, node.input(0));
    // a linear node has its channels last, the normalisation wants them second
    if (weighted == null || node.input(0).fact().rank() + weighted.channels() != 1) {
      return null;
    }
    Value mean = node.input(3);
    Value factors = NormFactors.add(graph, node, norm, memory);
    Value weight = weighted.scaledWeight(graph, node, factors);
    Value bias = weighted.bias();
    Value shifted =
        bias == null
            ? graph.addBefore(node, new Unary(Unary.Function.NEG), mean)
            : binary(graph, node, Binary.Function.SUB, bias, mean);
    Value scaled = binary(graph, node, Binary.Function.MUL, shifted, factors);
    Value sum = binary(graph, node, Binary.Function.ADD, scaled, node.input(2));
    return weighted.with(graph, node, weight, sum);
  }
}
