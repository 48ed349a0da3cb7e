package dev.nagare.graph.plan;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Binary;
import dev.nagare.graph.op.Clip;
import dev.nagare.graph.op.Elu;
import dev.nagare.graph.op.HardSigmoid;
import dev.nagare.graph.op.LeakyRelu;
import dev.nagare.graph.op.Unary;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.Operand.Extent;
import dev.nagare.tensor.kernel.prepared.PointwiseSpec;
import dev.nagare.tensor.kernel.prepared.PostOp;
import dev.nagare.tensor.kernel.prepared.PostOp.Combination;
import dev.nagare.tensor.kernel.prepared.PostOp.Function;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Functions of elements as prepared kernels: nodes of which each reads the one before are one
 * kernel, which reads and writes every element once.
 */
final class PointwiseSteps {
  private PointwiseSteps() {}

  /**
   * A node as a function of one value.
   *
   * @param node which
   * @param value of which it is a function
   * @param ops the function; if one has another argument, the last
   * @param operand the other argument, if it has one
   */
  private record Link(Node node, Value value, List<PostOp> ops, @Nullable Value operand) {}

  static boolean canPrepare(Node node) {
    return node.outputs().size() == 1 && link(node, 0) != null;
  }

  /** The node as a function of the input at an index; null if it is none that kernels know. */
  private static @Nullable Link link(Node node, int index) {
    Value value = node.optional(index);
    if (value == null
        || value.isConstant()
        || value.fact().dtype() != DType.F32
        || node.output().fact().dtype() != DType.F32
        || PlanBuilder.shape(value).elements() == 0
        || !PlanBuilder.shape(value).equals(PlanBuilder.shape(node.output()))) {
      return index == 0 && node.operator() instanceof Binary ? link(node, 1) : null;
    }
    if (node.operator() instanceof Binary binary) {
      Combination combination = combination(binary.function());
      Value other = node.input(1 - index);
      return combination == null || other.fact().dtype() != DType.F32
          ? null
          : new Link(node, value, combine(combination, index == 1), other);
    }
    PostOp op = apply(node);
    return op == null || index > 0 ? null : new Link(node, value, List.of(op), null);
  }

  private static List<PostOp> combine(Combination combination, boolean operandFirst) {
    if (operandFirst && combination == Combination.SUB) { // kernels know it the other way round
      return List.of(new PostOp.Apply(Function.LINEAR, -1, 0), new PostOp.Combine(Combination.ADD));
    }
    boolean either = combination != Combination.SUB && combination != Combination.DIV;
    return List.of(new PostOp.Combine(combination, operandFirst && !either));
  }

  private static @Nullable PostOp apply(Node node) {
    return switch (node.operator()) {
      case Unary unary -> {
        Function function = function(unary.function());
        yield function == null ? null : new PostOp.Apply(function);
      }
      case Clip clip -> new PostOp.Apply(Function.CLIP, clip.low(), clip.high());
      case LeakyRelu leaky -> new PostOp.Apply(Function.LEAKY_RELU, leaky.alpha(), 0);
      case Elu elu -> new PostOp.Apply(Function.ELU, elu.alpha(), 0);
      case HardSigmoid hard -> new PostOp.Apply(Function.HARD_SIGMOID, hard.alpha(), hard.beta());
      default -> null;
    };
  }

  private static @Nullable Function function(Unary.Function function) {
    return switch (function) {
      case RELU -> Function.RELU;
      case SIGMOID -> Function.SIGMOID;
      case TANH -> Function.TANH;
      case SILU -> Function.SILU;
      case GELU -> Function.GELU;
      case GELU_TANH -> Function.GELU_TANH;
      case HARD_SWISH -> Function.HARD_SWISH;
      default -> null;
    };
  }

  private static @Nullable Combination combination(Binary.Function function) {
    return switch (function) {
      case ADD -> Combination.ADD;
      case SUB -> Combination.SUB;
      case MUL -> Combination.MUL;
      case DIV -> Combination.DIV;
      case MAX -> Combination.MAX;
      case MIN -> Combination.MIN;
      default -> null;
    };
  }

  /**
   * Adds a step for this node and those that follow it; false if it has operands of other kinds.
   */
  static boolean add(PlanBuilder builder, Graph graph, Node first) {
    Link link = link(first, 0);
    if (link == null) {
      return false;
    }
    Value start = link.value();
    boolean channelsLast = lies(builder, link);
    Shape shape = PlanBuilder.shape(start);
    int columns = channelsLast ? 1 : shape.rank() - 1;
    List<Link> chain = new ArrayList<>();
    List<Extent> extents = new ArrayList<>();
    while (link != null) {
      Value operand = link.operand();
      if (operand != null) {
        Extent extent = PostOperands.extent(PlanBuilder.shape(operand), shape, columns);
        if (extent == null || !builder.isMade(operand)) {
          break;
        }
        extents.add(extent);
      }
      chain.add(link);
      link = next(graph, link);
    }
    if (chain.isEmpty()) {
      return false;
    }
    add(builder, chain, extents, channelsLast);
    return true;
  }

  private static boolean lies(PlanBuilder builder, Link link) {
    Value operand = link.operand();
    boolean other =
        operand != null
            && PlanBuilder.shape(operand).equals(PlanBuilder.shape(link.value()))
            && builder.isMade(operand)
            && builder.isChannelsLast(operand);
    return builder.isChannelsLast(link.value()) || other;
  }

  private static @Nullable Link next(Graph graph, Link link) {
    Value made = link.node().output();
    if (graph.uses(made) != 1) {
      return null;
    }
    List<Node> readers = graph.readers(made);
    if (readers.size() != 1 || readers.getFirst().outputs().size() != 1) {
      return null;
    }
    Node reader = readers.getFirst();
    Link next = link(reader, reader.inputs().indexOf(made));
    return next != null && next.value() == made ? next : null;
  }

  private static void add(
      PlanBuilder builder, List<Link> chain, List<Extent> extents, boolean channelsLast) {
    Value start = chain.getFirst().value();
    Value end = chain.getLast().node().output();
    Slot x = builder.slot(start, channelsLast);
    Shape memory = x.memoryShape();
    long columns = memory.rank() == 0 ? 1 : memory.dim(-1);
    long rows = memory.elements() / columns;
    List<PostOp> post = new ArrayList<>();
    List<Operand> operands = new ArrayList<>();
    List<Argument> shared = new ArrayList<>();
    List<Argument> elements = new ArrayList<>();
    int next = 0;
    for (int i = 0; i < chain.size(); i++) {
      Value operand = chain.get(i).operand();
      post.addAll(chain.get(i).ops());
      if (operand == null) {
        continue;
      }
      int at = post.size() - 1;
      Extent extent = extents.get(next++);
      Slot slot = builder.slot(operand, extent == Extent.ELEMENT && channelsLast);
      operands.add(new Operand(extent, slot.dtype));
      switch (extent) {
        case ELEMENT -> elements.add(Argument.operand(at, slot, rows, columns));
        case COLUMN -> shared.add(Argument.operand(at, slot, columns));
        case SINGLE -> shared.add(Argument.operand(at, slot, 1));
      }
    }
    Shape all = Shape.of(rows, columns);
    DType wanted = builder.dtypeOf(end);
    // the library has no fast kernel from one dtype to another
    boolean ours = new PointwiseSpec(all, x.dtype, wanted, post, operands).isAffine();
    DType result = ours ? wanted : x.dtype;
    elements.add(Argument.input(0, x, rows, columns));
    elements.add(Argument.output(builder.define(end, channelsLast, result), rows, columns));
    List<PreparedStep.Part> parts = new ArrayList<>();
    for (Block block : Block.of(rows, builder.lanes(), 1)) {
      var spec =
          new PointwiseSpec(Shape.of(block.count(), columns), x.dtype, result, post, operands);
      List<Argument> arguments = new ArrayList<>(shared);
      elements.forEach(e -> arguments.add(e.cut(0, block.from(), block.count())));
      parts.add(
          new PreparedStep.Part(
              builder.own(builder.kernels().prepared().pointwise(spec)), arguments));
    }
    chain.forEach(link -> builder.done(link.node()));
    String operation =
        chain.stream()
            .map(link -> link.node().operator().toString())
            .collect(Collectors.joining(" "));
    builder.add(new PreparedStep(chain.getLast().node().name(), operation, parts));
  }
}
