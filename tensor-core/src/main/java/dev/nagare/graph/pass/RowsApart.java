package dev.nagare.graph.pass;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.ArgMax;
import dev.nagare.graph.op.Attention;
import dev.nagare.graph.op.AveragePool;
import dev.nagare.graph.op.BatchNorm;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Cast;
import dev.nagare.graph.op.Clip;
import dev.nagare.graph.op.Concat;
import dev.nagare.graph.op.ConstantOfShape;
import dev.nagare.graph.op.Convolution;
import dev.nagare.graph.op.CumSum;
import dev.nagare.graph.op.Dropout;
import dev.nagare.graph.op.Elu;
import dev.nagare.graph.op.Expand;
import dev.nagare.graph.op.Gather;
import dev.nagare.graph.op.Gru;
import dev.nagare.graph.op.HardSigmoid;
import dev.nagare.graph.op.Identity;
import dev.nagare.graph.op.InstanceNorm;
import dev.nagare.graph.op.LayerNorm;
import dev.nagare.graph.op.LeakyRelu;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.LocalResponseNorm;
import dev.nagare.graph.op.LogSoftmax;
import dev.nagare.graph.op.Lstm;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.MaxPool;
import dev.nagare.graph.op.Pad;
import dev.nagare.graph.op.Reduce;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Rnn;
import dev.nagare.graph.op.Slice;
import dev.nagare.graph.op.Softmax;
import dev.nagare.graph.op.Split;
import dev.nagare.graph.op.TopK;
import dev.nagare.graph.op.Transpose;
import dev.nagare.graph.op.Unary;
import dev.nagare.graph.op.Where;
import java.util.List;
import java.util.Map;

/**
 * Whether a graph computes each row by itself, so that rows of different callers may share a run.
 *
 * <p>A name in front of every input and output does not say so: a mean over the batch has one, too.
 * Each value has to have the rows along one axis or not at all, and no operator may work along that
 * axis; what is not known to leave rows apart is taken to mix them.
 */
public final class RowsApart {
  private static final int NONE = -1;

  private final Dim rows;
  private final Map<String, Long> named;

  private RowsApart(Dim rows) {
    this.rows = rows;
    this.named = Map.of(rows.toString(), 1L);
  }

  /** Why rows may depend on each other, a sentence; empty if they do not. */
  public static String fault(Graph graph, Dim rows) {
    var apart = new RowsApart(rows);
    for (Node node : graph.nodes()) {
      if (!apart.leavesApart(node)) {
        return "Node "
            + node.name()
            + ", "
            + node.operator().name()
            + ", may make a row depend on others of the same "
            + rows
            + ".";
      }
    }
    return "";
  }

  private boolean leavesApart(Node node) {
    boolean any = false;
    for (Value value : node.inputs()) {
      if (value != null && mentions(value)) {
        any = true;
        if (axis(value) == NONE) {
          return false;
        }
      }
    }
    for (Value value : node.outputs()) {
      if (mentions(value) && axis(value) == NONE) {
        return false;
      }
      if (any && !mentions(value)) {
        return false; // all rows went into it
      }
    }
    return !any ? node.outputs().stream().noneMatch(this::knowsRows) : keeps(node);
  }

  private boolean keeps(Node node) {
    Operator operator = node.operator();
    int at = node.inputs().isEmpty() || node.optional(0) == null ? NONE : axis(node.input(0));
    return switch (operator) {
      case Unary _, LeakyRelu _, Elu _, HardSigmoid _, Clip _, Cast _, Identity _, Dropout _ ->
          true;
      case Binary _, Where _, Expand _ -> aligned(node);
      case Convolution _, MaxPool _, AveragePool _, LocalResponseNorm _ -> at == 0;
      case BatchNorm _, InstanceNorm _ -> at == 0;
      case Linear _ -> at == 0 && node.input(0).fact().rank() > 1;
      case MatMul product -> product(node, product);
      case Reshape _ ->
          before(node.input(0), at).equals(before(node.output(), axis(node.output())));
      case Transpose transpose -> transpose.axes().indexOf(at) == axis(node.output());
      case Attention attention -> !attention.ragged() && at == 0;
      case Reduce reduce -> reduce.axes().stream().noneMatch(axis -> is(axis, at, node));
      case Softmax softmax -> !is(softmax.axis(), at, node);
      case LogSoftmax softmax -> !is(softmax.axis(), at, node);
      case ArgMax largest -> !is(largest.axis(), at, node);
      case TopK top -> !is(top.axis(), at, node);
      case CumSum sum -> !is(sum.axis(), at, node);
      case LayerNorm norm -> at < (norm.axis() < 0 ? norm.axis() + rank(node) : norm.axis());
      case Split split -> !is(split.axis(), at, node);
      case Concat concat ->
          node.inputs().stream().allMatch(value -> value != null && axis(value) == at)
              && !is(concat.axis(), at, node);
      case Slice slice -> slice.axes().stream().noneMatch(axis -> is(axis, at, node));
      case Pad _ -> true; // a border along the rows would have changed their number
      case Gather gather -> gather(node, gather, at);
      case Lstm lstm -> at == (lstm.spec().batchFirst() ? 0 : 1);
      case Gru gru -> at == (gru.spec().batchFirst() ? 0 : 1);
      case Rnn rnn -> at == (rnn.spec().batchFirst() ? 0 : 1);
      case ConstantOfShape _ -> true;
      default -> false;
    };
  }

  /** How often all rows are gone through: the axes before theirs. */
  private static Dim before(Value value, int axis) {
    Dim product = Dim.ONE;
    for (Dim dim : value.fact().shape().subList(0, axis)) {
      product = product.times(dim);
    }
    return product;
  }

  /** Whether what is broadcast has the rows in the same place, counted from the last axis. */
  private boolean aligned(Node node) {
    int out = node.output().fact().rank() - axis(node.output());
    return node.inputs().stream()
        .allMatch(
            value -> value == null || !mentions(value) || value.fact().rank() - axis(value) == out);
  }

  private boolean product(Node node, MatMul product) {
    Value a = node.input(0);
    Value b = node.input(1);
    boolean left = axis(a) == 0 && (a.fact().rank() > 2 || !product.transposeA());
    boolean right = !mentions(b) || (axis(b) == 0 && b.fact().rank() > 2);
    return left && right && (!mentions(b) || a.fact().rank() == b.fact().rank());
  }

  private boolean gather(Node node, Gather gather, int at) {
    boolean ofRows = mentions(node.input(0));
    boolean byRows = mentions(node.input(1));
    return ofRows ? !byRows && !is(gather.axis(), at, node) : byRows;
  }

  private static boolean is(int axis, int at, Node node) {
    return (axis < 0 ? axis + rank(node) : axis) == at;
  }

  private static int rank(Node node) {
    return node.input(0).fact().rank();
  }

  private boolean mentions(Value value) {
    return value.fact().shape().stream().anyMatch(this::mentions) || knowsRows(value);
  }

  private boolean knowsRows(Value value) {
    List<Dim> contents = value.fact().contents();
    return contents != null && contents.stream().anyMatch(this::mentions);
  }

  private boolean mentions(Dim dim) {
    return !dim.bind(named).equals(dim);
  }

  /** The one axis that has the rows; none if there are several, or a size that is made of them. */
  private int axis(Value value) {
    if (knowsRows(value)) {
      return NONE;
    }
    int found = NONE;
    List<Dim> shape = value.fact().shape();
    for (int i = 0; i < shape.size(); i++) {
      if (mentions(shape.get(i))) {
        if (found != NONE || !shape.get(i).equals(rows)) {
          return NONE;
        }
        found = i;
      }
    }
    return found;
  }
}
