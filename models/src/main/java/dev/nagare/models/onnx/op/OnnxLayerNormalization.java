package dev.nagare.models.onnx.op;

import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.LayerNorm;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.Unary;
import java.util.List;
import java.util.stream.IntStream;

/**
 * {@code LayerNormalization}, opset 17–20. Mean and inverse deviation, where they are wanted, are
 * computed by operators of their own.
 */
final class OnnxLayerNormalization implements OnnxOperator {
  @Override
  public String name() {
    return "LayerNormalization";
  }

  @Override
  public int since() {
    return 17;
  }

  @Override
  public void add(NodeReader node) {
    node.ignore("stash_type");
    int axis = node.axis("axis", -1);
    double epsilon = node.number("epsilon", 1e-5f);
    Value x = node.input(0);
    node.define(
        0,
        node.add(
            node.outputName(0), new LayerNorm(axis, epsilon), x, node.input(1), node.optional(2)));
    if (!node.wants(1) && !node.wants(2)) {
      return;
    }
    int rank = x.fact().rank();
    List<Integer> axes = IntStream.range(axis < 0 ? axis + rank : axis, rank).boxed().toList();
    var ofMeans = new Reduce(Reduce.Kind.MEAN, axes, true);
    Value mean = node.add(ofMeans, x);
    Value distance = node.add(new Binary(Binary.Function.SUB), x, mean);
    Value square = node.add(new Binary(Binary.Function.MUL), distance, distance);
    Value variance = node.add(ofMeans, square);
    Value safe =
        node.add(
            new Binary(Binary.Function.ADD), variance, Constants.like(node, variance, epsilon));
    Value root = node.add(new Unary(Unary.Function.SQRT), safe);
    node.define(1, mean);
    node.define(2, node.add(new Unary(Unary.Function.RECIPROCAL), root));
  }
}
