package dev.nagare.graph.pass;

import dev.nagare.graph.Dim;
import dev.nagare.graph.Fact;
import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Operator;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Attention;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Cast;
import dev.nagare.graph.op.Clip;
import dev.nagare.graph.op.Dropout;
import dev.nagare.graph.op.Elu;
import dev.nagare.graph.op.Gather;
import dev.nagare.graph.op.HardSigmoid;
import dev.nagare.graph.op.Identity;
import dev.nagare.graph.op.LayerNorm;
import dev.nagare.graph.op.LeakyRelu;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.LogSoftmax;
import dev.nagare.graph.op.MatMul;
import dev.nagare.graph.op.Reshape;
import dev.nagare.graph.op.Softmax;
import dev.nagare.graph.op.Unary;
import dev.nagare.graph.op.Where;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An encoder of padded sequences rewritten so that sequences of any lengths lie one after the
 * other, without padding.
 *
 * <p>What was {@code [batch, seq, ..]} is {@code [tokens, ..]}. The attention mask is no input any
 * more. Where the graph has position embeddings it has an input {@code positions}, I64 {@code
 * [tokens]}: the place of each token in its sequence; where it attends, an input {@code offsets},
 * I64 {@code [sequences + 1]}, whose size is named so too: where each sequence begins, and the
 * number of tokens. Outputs are {@code [tokens, ..]}.
 *
 * <p>That says the same only if every node works on each token alone, or attends to all tokens of a
 * sequence that its mask does not hide. It is meant for graphs that {@link Passes#inference} has
 * seen; what does not conform is answered with a reason.
 */
public final class Ragged {
  /** Name of the input with each token's place. */
  public static final String POSITIONS = "positions";

  /** Name of the input that says where sequences begin, and of its size. */
  public static final String OFFSETS = "offsets";

  private static final Dim TOKENS = Dim.named("tokens");

  private final Graph from;
  private final Graph to;
  private final Dim batch;
  private final Dim seq;
  private final PositionIds positionIds;
  private final PaddingMask padding;
  private @Nullable Boolean hidesPadding; // null before the first attention
  private final IdentityHashMap<Value, Value> done = new IdentityHashMap<>();

  private Ragged(Graph from, Dim batch, Dim seq) {
    this.from = from;
    this.to = new Graph(from.name() + "-ragged");
    this.batch = batch;
    this.seq = seq;
    this.positionIds = new PositionIds(seq);
    this.padding = new PaddingMask(batch, seq);
  }

  /**
   * A rewritten graph or why there is none.
   *
   * @param graph null if there is a reason
   * @param masks inputs of the original that hide padding: 1 for a token, 0 for what is none; a
   *     caller leaves those tokens out
   * @param reason why not, a sentence; empty if there is a graph
   */
  public record Outcome(@Nullable Graph graph, Set<String> masks, String reason) {}

  /** Why a graph does not conform. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refusal(String message) {
      super(message, null, false, false);
    }
  }

  /** Rewrites a graph, which is left as it is. */
  public static Outcome of(Graph graph) {
    Value first = graph.inputs().isEmpty() ? null : graph.inputs().getFirst();
    if (first == null || first.fact().rank() != 2) {
      return refused("Expected a first input [batch, seq], got " + first + ".");
    }
    Dim batch = first.fact().dim(0);
    Dim seq = first.fact().dim(1);
    for (Value input : graph.inputs()) {
      boolean ids = !input.fact().dtype().isFloating();
      if (!ids || !input.fact().shape().equals(first.fact().shape())) {
        return refused(
            "Expected inputs of whole numbers [" + batch + ", " + seq + "], got " + input + ".");
      }
    }
    if (batch.isKnown() || seq.isKnown() || batch.equals(seq)) {
      return refused("Expected two named sizes, got " + first + ".");
    }
    try {
      var ragged = new Ragged(graph, batch, seq);
      return new Outcome(ragged.rewrite(), Set.copyOf(ragged.padding.inputs()), "");
    } catch (Refusal refusal) {
      return refused(refusal.getMessage() + ".");
    }
  }

  private static Outcome refused(String reason) {
    return new Outcome(null, Set.of(), reason);
  }

  private Graph rewrite() {
    for (Value value : from.constants()) { // first, so that they keep their names
      Tensor tensor = value.constant();
      if (tensor != null) {
        done.put(value, to.constant(value.name(), tensor));
      }
    }
    for (int i = 0; i < from.outputs().size(); i++) {
      to.output(from.outputNames().get(i), tokens(from.outputs().get(i)));
    }
    from.settle(true); // what its masks hide
    to.builtInAs(from);
    to.removeUnusedConstants();
    return to;
  }

  /** The packed twin of a value {@code [batch, seq, ..]}. */
  private Value tokens(Value value) {
    Value twin = value.isConstant() ? null : done.get(value);
    if (twin != null) {
      return twin;
    }
    List<Dim> shape = value.fact().shape();
    if (shape.size() < 2 || !shape.get(0).equals(batch) || !shape.get(1).equals(seq)) {
      throw new Refusal(
          value.name() + " is " + shape + ", expected [" + batch + ", " + seq + ", ..]");
    }
    Node node = value.producer();
    if (node != null) {
      twin = convert(node);
    } else if (value.isConstant()) {
      throw new Refusal(value.name() + " is a constant for each token");
    } else {
      twin = to.input(value.name(), Fact.of(value.fact().dtype(), packed(value)));
    }
    done.put(value, twin);
    return twin;
  }

  private static List<Dim> packed(Value value) {
    var shape = new ArrayList<Dim>(List.of(TOKENS));
    shape.addAll(value.fact().shape().subList(2, value.fact().rank()));
    return shape;
  }

  private Value convert(Node node) {
    int rank = node.output().fact().rank();
    return switch (node.operator()) {
      case Gather gather when gather.axis() == 0 && node.input(0).isConstant() ->
          to.add(gather, shared(node.input(0)), ids(node.input(1)));
      case Linear _, MatMul _ -> product(node);
      case LayerNorm norm when norm.axis() < 0 && rank + norm.axis() >= 2 -> pointwise(node, 1);
      case Softmax softmax when rank > 2 && isLast(softmax.axis(), rank) ->
          to.add(new Softmax(-1), tokens(node.input(0)));
      case LogSoftmax softmax when rank > 2 && isLast(softmax.axis(), rank) ->
          to.add(new LogSoftmax(-1), tokens(node.input(0)));
      case Unary _, LeakyRelu _, Elu _, Clip _, HardSigmoid _, Cast _, Identity _, Dropout _ ->
          to.add(node.operator(), tokens(node.input(0)));
      case Binary _, Where _ -> pointwise(node, node.inputs().size());
      case Reshape _ -> to.add(new Reshape(packed(node.output())), tokens(node.input(0)));
      case Attention attention when !attention.ragged() -> attention(node, attention);
      default ->
          throw new Refusal(
              "node " + node.name() + ", " + node.operator() + ", does not see each token alone");
    };
  }

  private static boolean isLast(int axis, int rank) {
    return axis == -1 || axis == rank - 1;
  }

  /** Tokens by a matrix that all share, with operands of what follows. */
  private Value product(Node node) {
    if (!node.input(1).isConstant()
        || node.input(1).fact().rank() != 2
        || (node.operator() instanceof MatMul product && product.transposeA())) {
      throw new Refusal("node " + node.name() + ": the weight is not a constant matrix");
    }
    return pointwise(node, node.inputs().size());
  }

  /** The same operator on twins; the first so many inputs may belong to tokens. */
  private Value pointwise(Node node, int mayBeTokens) {
    int rank = node.output().fact().rank();
    List<@Nullable Value> inputs = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      Value input = node.optional(i);
      boolean matrix = i == 1 && (node.operator() instanceof Linear || isProduct(node));
      if (input == null) {
        inputs.add(null);
      } else if (matrix) {
        inputs.add(shared(input));
      } else if (i < mayBeTokens) {
        inputs.add(operand(input, rank));
      } else if (input.isConstant()) {
        inputs.add(shared(input));
      } else {
        throw new Refusal("node " + node.name() + ": " + input.name() + " is not a constant");
      }
    }
    return to.add(node.operator(), inputs.toArray(new @Nullable Value[0]));
  }

  private static boolean isProduct(Node node) {
    return node.operator() instanceof MatMul;
  }

  /** A constant that every token sees, a value of each position, or a value of each token. */
  private Value operand(Value value, int rank) {
    List<Dim> shape = value.fact().shape();
    if (value.isConstant()) {
      int ofTokens = Math.min(2, Math.max(0, shape.size() - rank + 2)); // axes beside batch, seq
      if (!shape.subList(0, ofTokens).stream().allMatch(dim -> dim.is(1))) {
        throw new Refusal(value.name() + " is a constant for each position");
      }
      Value constant = shared(value);
      return shape.size() < rank
          ? constant
          : to.add(new Reshape(shape.subList(1, shape.size())), constant);
    }
    Value table = positionIds.table(value);
    if (table != null) { // a row for each position, the same in every sequence
      List<Dim> rows = table.fact().shape();
      var matrix = new Reshape(rows.subList(rows.size() - 2, rows.size()));
      return to.add(new Gather(0), to.add(matrix, shared(table)), positions());
    }
    Node node = value.producer();
    if (node != null
        && node.operator() instanceof Gather gather
        && gather.axis() == 0
        && node.input(0).isConstant()
        && positionIds.isPositions(node.input(1))) {
      return to.add(gather, shared(node.input(0)), positions());
    }
    return tokens(value);
  }

  private Value ids(Value indices) {
    return positionIds.isPositions(indices) ? positions() : tokens(indices);
  }

  private Value positions() {
    Value known = to.value(POSITIONS);
    return known != null ? known : to.input(POSITIONS, DType.I64, TOKENS);
  }

  private Value offsets() {
    Value known = to.value(OFFSETS);
    return known != null ? known : to.input(OFFSETS, DType.I64, Dim.named(OFFSETS));
  }

  private Value shared(Value constant) {
    Value twin = done.get(constant);
    if (twin == null || !constant.isConstant()) {
      throw new Refusal(constant.name() + " is not a constant");
    }
    return twin;
  }

  private Value attention(Node node, Attention attention) {
    Value mask = node.optional(attention.operands());
    Boolean hides = hidesPadding;
    if (hides != null && hides != (mask != null)) {
      throw new Refusal("node " + node.name() + ": some attentions have a mask and others none");
    }
    hidesPadding = mask != null;
    if (mask != null) {
      String fault = padding.fault(mask);
      if (!fault.isEmpty()) {
        throw new Refusal("node " + node.name() + ": the mask " + fault);
      }
    }
    List<@Nullable Value> inputs = new ArrayList<>();
    for (int i = 0; i < attention.operands(); i++) {
      inputs.add(tokens(node.input(i)));
    }
    inputs.add(offsets());
    Operator ragged = new Attention(attention.heads(), attention.scale(), attention.packed(), true);
    return to.add(ragged, inputs.toArray(new @Nullable Value[0]));
  }
}
