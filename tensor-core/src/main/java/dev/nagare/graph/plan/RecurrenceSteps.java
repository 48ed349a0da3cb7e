package dev.nagare.graph.plan;

import dev.nagare.graph.Graph;
import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Lstm;
import dev.nagare.graph.op.RecurrentSpec.Direction;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import dev.nagare.tensor.kernel.prepared.RecurrenceSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * LSTMs of the usual kind as two prepared kernels: the input's part of all steps in one product,
 * then the recurrence. In f32 whatever the plan's dtype is.
 */
final class RecurrenceSteps {
  private static final int WEIGHT = 1;
  private static final int RECURRENT_WEIGHT = 2;
  private static final int BIAS = 3;
  private static final int LENGTHS = 4;
  private static final int FIRST_STATE = 5;
  private static final int FIRST_CELL = 6;
  private static final int PEEPHOLES = 7;

  private RecurrenceSteps() {}

  static boolean canPrepare(Graph graph, Node node, Lstm op) {
    return op.isPlain()
        && op.spec().direction() == Direction.FORWARD
        && !op.spec().batchFirst()
        && op.spec().hidden() % RecurrenceSpec.UNITS == 0
        && node.input(0).fact().dtype() == DType.F32
        && PlanBuilder.shape(node.input(0)).elements() > 0
        && node.input(WEIGHT).isConstant()
        && node.input(RECURRENT_WEIGHT).isConstant()
        && optional(node, LENGTHS) == null
        && optional(node, PEEPHOLES) == null
        && (node.outputs().size() < 3 || !isUsed(graph, node.outputs().get(2)));
  }

  private static @Nullable Value optional(Node node, int index) {
    return index < node.inputs().size() ? node.optional(index) : null;
  }

  private static boolean isUsed(Graph graph, Value value) {
    return graph.outputs().contains(value) || !graph.readers(value).isEmpty();
  }

  static void add(PlanBuilder builder, Node node) {
    Shape x = PlanBuilder.shape(node.input(0));
    long steps = x.dim(0);
    long rows = x.dim(1);
    long hidden = PlanBuilder.shape(node.input(RECURRENT_WEIGHT)).dim(1);
    Slot gates =
        builder.between(node.name() + ".gates", DType.F32, Shape.of(steps, rows, 4 * hidden));
    product(builder, node, gates);
    PreparedKernel kernel =
        builder.own(
            builder.kernels().prepared().recurrence(new RecurrenceSpec(steps, rows, hidden)));
    Slot y = builder.define(node.output(), false, DType.F32);
    Slot weight =
        builder.weight(
            node.input(RECURRENT_WEIGHT), "recurrence", kernel.packedBytes(), kernel::pack);
    List<Argument> arguments =
        List.of(
            Argument.input(0, gates, steps, rows, 4 * hidden),
            Argument.input(1, state(builder, node, FIRST_STATE, rows, hidden), rows, hidden),
            Argument.input(2, state(builder, node, FIRST_CELL, rows, hidden), rows, hidden),
            Argument.weight(weight),
            Argument.output(y, steps, rows, hidden));
    builder.add(
        new PreparedStep(
            node.name(), "recurrence", List.of(new PreparedStep.Part(kernel, arguments))));
    if (node.outputs().size() > 1) {
      long last = (steps - 1) * rows * hidden * DType.F32.bytes();
      builder.defineView(node.outputs().get(1), y, last);
    }
  }

  private static void product(PlanBuilder builder, Node node, Slot gates) {
    Shape x = PlanBuilder.shape(node.input(0));
    long m = x.dim(0) * x.dim(1);
    long n = gates.shape.dim(2);
    Value bias = optional(node, BIAS);
    var spec =
        new ProductSpec(
            m, n, x.dim(2), false, DType.F32, DType.F32, bias != null, List.of(), List.of());
    PreparedKernel kernel = builder.own(RowCheck.product(builder.kernels(), spec));
    List<Argument> arguments = new ArrayList<>();
    arguments.add(Argument.input(0, builder.slot(node.input(0), false, DType.F32), m, x.dim(2)));
    arguments.add(Argument.weight(ProductSteps.weight(builder, node.input(WEIGHT), spec, kernel)));
    if (bias != null) {
      arguments.add(Argument.bias(builder.slot(bias, false, DType.F32), n));
    }
    arguments.add(Argument.output(gates, m, n));
    builder.add(
        new PreparedStep(
            node.name() + ".gates",
            node.operator().toString(),
            List.of(new PreparedStep.Part(kernel, arguments))));
  }

  private static Slot state(PlanBuilder builder, Node node, int input, long rows, long hidden) {
    Value given = optional(node, input);
    return given == null
        ? builder.zeros(node.name() + ".zeros", Shape.of(rows, hidden))
        : builder.slot(given, false, DType.F32);
  }
}
