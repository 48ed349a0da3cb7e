package dev.nagare.graph.pass;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Clip;
import dev.nagare.graph.op.Convolution;
import dev.nagare.graph.op.Elu;
import dev.nagare.graph.op.HardSigmoid;
import dev.nagare.graph.op.LeakyRelu;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.kernel.prepared.PostOp;
import dev.nagare.tensor.kernel.prepared.PostOp.Combination;
import dev.nagare.tensor.kernel.prepared.PostOp.Function;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets convolutions and linear nodes do on the way out what would be done with their result next:
 * activations, and sums and the like with a value of the same shape, a residual for one, or with a
 * constant of one element or one per channel.
 *
 * <p>Only where nobody else reads the result in between. Of two that could take the other's result
 * in, the one that runs last does.
 */
public final class FusePostOps extends Rewriting {
  private static final int FIXED_INPUTS = 3;

  @Override
  protected @Nullable Value rewrite(Graph graph, Node node) {
    PostOp.Apply apply = apply(node.operator());
    if (apply != null) {
      Node carrier = carrier(graph, node.input(0));
      return carrier == null ? null : fused(graph, node, carrier, apply, null);
    }
    Combination combination = combination(node.operator());
    if (combination == null) {
      return null;
    }
    int first = combined(graph, node, 0);
    int second = combined(graph, node, 1);
    int at = Math.max(first, second);
    if (at < 0) {
      return null;
    }
    boolean left = first == at;
    var combine = new PostOp.Combine(combination, !left && !commutes(combination));
    return fused(graph, node, graph.nodes().get(at), combine, node.input(left ? 1 : 0));
  }

  /** Where the node runs into which an operation can be fused by one of its inputs; -1 if none. */
  private static int combined(Graph graph, Node node, int input) {
    Value y = node.input(input);
    Value operand = node.input(1 - input);
    Node carrier = carrier(graph, y);
    boolean fits =
        carrier != null
            && Match.sameShape(y, node.output())
            && operand.fact().dtype() == y.fact().dtype()
            && (Match.sameShape(operand, y) || spreads(operand, y, channels(carrier)));
    return fits ? graph.nodes().indexOf(carrier) : -1;
  }

  private static @Nullable Node carrier(Graph graph, Value value) {
    Node node = value.producer();
    boolean takes =
        node != null
            && (node.operator() instanceof Linear || node.operator() instanceof Convolution)
            && Match.isPrivate(graph, value);
    return takes ? node : null;
  }

  /** The axis of the channels, counted from the last. */
  private static int channels(Node carrier) {
    return carrier.operator() instanceof Linear ? 1 : carrier.output().fact().rank() - 1;
  }

  /** Whether a constant has one element, or one for each channel. */
  private static boolean spreads(Value constant, Value y, int channels) {
    List<Dim> shape = constant.fact().shape();
    if (!constant.isConstant()) {
      return false;
    }
    for (int i = 1; i <= shape.size(); i++) {
      Dim dim = shape.get(shape.size() - i);
      if (!dim.is(1) && (i != channels || !dim.equals(y.fact().dim(-i)))) {
        return false;
      }
    }
    return true;
  }

  private static Value fused(
      Graph graph, Node last, Node carrier, PostOp next, @Nullable Value operand) {
    List<@Nullable Value> inputs = new ArrayList<>(carrier.inputs());
    while (inputs.size() < FIXED_INPUTS) {
      inputs.add(null);
    }
    if (operand != null) {
      inputs.add(operand);
    }
    return graph.addBefore(
        last, with(carrier.operator(), next), inputs.toArray(new @Nullable Value[0]));
  }

  private static Operator with(Operator carrier, PostOp next) {
    return switch (carrier) {
      case Linear linear -> linear.with(next);
      case Convolution conv -> {
        var post = new ArrayList<PostOp>(conv.post());
        post.add(next);
        yield new Convolution(conv.window(), conv.groups(), post);
      }
      default -> throw new IllegalStateException(carrier + " takes no post-ops");
    };
  }

  private static PostOp.@Nullable Apply apply(Operator operator) {
    return switch (operator) {
      case LeakyRelu leaky -> new PostOp.Apply(Function.LEAKY_RELU, leaky.alpha(), 0);
      case Elu elu -> new PostOp.Apply(Function.ELU, elu.alpha(), 0);
      case Clip clip -> new PostOp.Apply(Function.CLIP, clip.low(), clip.high());
      case HardSigmoid hard -> new PostOp.Apply(Function.HARD_SIGMOID, hard.alpha(), hard.beta());
      case Unary unary -> apply(unary.function());
      default -> null;
    };
  }

  private static PostOp.@Nullable Apply apply(Unary.Function function) {
    // those that have the same name in both
    return Arrays.stream(Function.values())
        .filter(same -> same.name().equals(function.name()))
        .findFirst()
        .map(PostOp.Apply::new)
        .orElse(null);
  }

  private static @Nullable Combination combination(Operator operator) {
    return operator instanceof Binary binary
        ? Arrays.stream(Combination.values())
            .filter(same -> same.name().equals(binary.function().name()))
            .findFirst()
            .orElse(null)
        : null;
  }

  private static boolean commutes(Combination combination) {
    return combination != Combination.SUB && combination != Combination.DIV;
  }
}
