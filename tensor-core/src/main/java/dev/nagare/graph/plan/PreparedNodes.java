package dev.nagare.graph.plan;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.op.Attention;
import dev.nagare.graph.op.AveragePool;
import dev.nagare.graph.op.Convolution;
import dev.nagare.graph.op.LayerNorm;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.LogSoftmax;
import dev.nagare.graph.op.Lstm;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.MaxPool;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.Softmax;

/** Which nodes become prepared kernels. */
final class PreparedNodes {
  private PreparedNodes() {}

  /** Whether a node would become one. */
  static boolean canPrepare(Node node) {
    return switch (node.operator()) {
      case Linear op -> ProductSteps.canPrepare(node, op);
      case MatMul op -> ProductSteps.canPrepare(node, op);
      case Convolution op -> ConvolutionSteps.canPrepare(node, op);
      case Attention op -> AttentionSteps.canPrepare(node, op);
      case LayerNorm op -> NormSteps.canPrepare(node, op);
      case Softmax op -> NormSteps.canPrepareSoftmax(node, op.axis());
      case LogSoftmax op -> NormSteps.canPrepareSoftmax(node, op.axis());
      case MaxPool op -> PoolingSteps.canPrepare(node, op);
      case AveragePool op -> PoolingSteps.canPrepare(node, op);
      case Reduce op -> PoolingSteps.canPrepare(node, op);
      default -> PointwiseSteps.canPrepare(node);
    };
  }

  /** Whether a node would become one that takes its input in the plan's dtype alone. */
  static boolean readsInDtype(Node node) {
    return switch (node.operator()) {
      case Linear _, MatMul _, Convolution _, Attention _ -> canPrepare(node);
      default -> false;
    };
  }

  /** Whether an input is a weight or a bias, which never lie as images do. */
  static boolean isWeight(Node node, int input) {
    return node.operator() instanceof Convolution && (input == 1 || input == 2);
  }

  /** Adds a step for a node; false if its operator is to do it. */
  static boolean add(PlanBuilder builder, Graph graph, Node node) {
    if (node.operator() instanceof Lstm op && RecurrenceSteps.canPrepare(graph, node, op)) {
      RecurrenceSteps.add(builder, node);
      return true;
    }
    if (!canPrepare(node)) {
      return false;
    }
    switch (node.operator()) {
      case Linear op -> ProductSteps.add(builder, node, op);
      case MatMul op -> ProductSteps.add(builder, node, op);
      case Convolution op -> ConvolutionSteps.add(builder, node, op);
      case Attention op -> AttentionSteps.add(builder, node, op);
      case LayerNorm op -> NormSteps.add(builder, node, op);
      case Softmax op -> NormSteps.addSoftmax(builder, node, op.axis(), false);
      case LogSoftmax op -> NormSteps.addSoftmax(builder, node, op.axis(), true);
      case MaxPool op -> PoolingSteps.add(builder, node, op);
      case AveragePool op -> PoolingSteps.add(builder, node, op);
      case Reduce op -> PoolingSteps.add(builder, node, op);
      default -> {
        return PointwiseSteps.add(builder, graph, node);
      }
    }
    return true;
  }
}
