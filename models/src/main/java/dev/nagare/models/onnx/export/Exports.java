package dev.nagare.models.onnx.export;

import dev.nagare.graph.Node;
import dev.nagare.graph.op.Attention;
import dev.nagare.graph.op.AveragePool;
import dev.nagare.graph.op.BatchNorm;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Cast;
import dev.nagare.graph.op.Clip;
import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.ConstantOfShape;
import dev.nagare.graph.op.Convolution;
import dev.nagare.graph.op.Dropout;
import dev.nagare.graph.op.Elu;
import dev.nagare.graph.op.Expand;
import dev.nagare.graph.op.Gather;
import dev.nagare.graph.op.Gru;
import dev.nagare.graph.op.HardSigmoid;
import dev.nagare.graph.op.Identity;
import dev.nagare.graph.op.LayerNorm;
import dev.nagare.graph.op.LeakyRelu;
import dev.nagare.graph.op.LogSoftmax;
import dev.nagare.graph.op.Lstm;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.MaxPool;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Rnn;
import dev.nagare.graph.op.Slice;
import dev.nagare.graph.op.Softmax;
import dev.nagare.graph.op.Split;
import dev.nagare.graph.op.Transpose;
import dev.nagare.graph.op.Trilu;
import dev.nagare.graph.op.Unary;
import dev.nagare.graph.op.Where;
import java.util.List;

/** Which ONNX operators a node becomes. */
final class Exports {
  private Exports() {}

  /**
   * Adds them, and answers the names of the node's outputs.
   *
   * @throws IllegalArgumentException if there are none for it
   */
  static List<String> of(ExportGraph to, Node node) {
    return switch (node.operator()) {
      case Lstm lstm -> RecurrentExport.of(to, node, lstm);
      case Gru gru -> RecurrentExport.of(to, node, gru);
      case Rnn rnn -> RecurrentExport.of(to, node, rnn);
      case Split split ->
          to.node(
              "Split",
              List.of(to.name(node.input(0)), to.sizes(split.sizes())),
              split.sizes().size(),
              Attribute.of("axis", (long) split.axis()));
      default -> List.of(one(to, node));
    };
  }

  private static String one(ExportGraph to, Node node) {
    return switch (node.operator()) {
      case Attention attention -> AttentionExport.of(to, node, attention);
      case Convolution convolution -> ImageExport.of(to, node, convolution);
      case MaxPool pool -> ImageExport.of(to, node, pool);
      case AveragePool pool -> ImageExport.of(to, node, pool);
      case BatchNorm norm -> ImageExport.of(to, node, norm);
      case Reshape reshape -> MovingExport.of(to, node, reshape);
      case Slice slice -> MovingExport.of(to, node, slice);
      case Expand expand -> MovingExport.of(to, node, expand);
      case Transpose transpose -> MovingExport.of(to, node, transpose);
      case Concat concat -> MovingExport.of(to, node, concat);
      case Gather gather -> MovingExport.of(to, node, gather);
      case Trilu trilu -> MovingExport.of(to, node, trilu);
      case ConstantOfShape constant -> MovingExport.of(to, constant);
      case Identity _, Dropout _ -> to.name(node.input(0));
      case Unary unary -> ElementExport.of(to, node, unary);
      case Binary binary -> ElementExport.of(to, node, binary);
      case Cast cast -> ElementExport.of(to, node, cast);
      case Clip clip -> ElementExport.of(to, node, clip);
      case Elu elu -> ElementExport.of(to, node, "Elu", elu.alpha());
      case LeakyRelu relu -> ElementExport.of(to, node, "LeakyRelu", relu.alpha());
      case HardSigmoid sigmoid -> ElementExport.of(to, node, sigmoid);
      case Where _ -> to.node("Where", ElementExport.inputs(to, node));
      case MatMul product -> SumExport.of(to, node, product);
      case Reduce reduce -> SumExport.of(to, node, reduce);
      case Softmax softmax -> SumExport.of(to, node, "Softmax", softmax.axis());
      case LogSoftmax softmax -> SumExport.of(to, node, "LogSoftmax", softmax.axis());
      case LayerNorm norm -> SumExport.of(to, node, norm);
      default ->
          throw new IllegalArgumentException(
              node.operator()
                  + " is not written as ONNX; export the graph as it was before passes, and"
                  + " without what only importers make");
    };
  }
}
