package dev.nagare.graph.plan;

import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Concat;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.prepared.JoinSpec;
import java.util.ArrayList;
import java.util.List;

/** Concats of floats as prepared kernels, however their values lie. */
final class JoinSteps {
  private JoinSteps() {}

  /**
   * Adds a step for a concat; false if its operator is to do it.
   *
   * @param channelsLast how the result is to lie
   * @param dtype what the result is to be
   */
  static boolean add(PlanBuilder builder, Node node, Concat op, boolean channelsLast, DType dtype) {
    Value y = node.output();
    Shape shape = PlanBuilder.shape(y);
    boolean fits = shape.elements() > 0 && shape.elements() <= Integer.MAX_VALUE;
    if (y.fact().dtype() != DType.F32 || !fits) {
      return false;
    }
    int axis = inMemory(op.axis(), shape.rank(), channelsLast && Orders.isImage(shape));
    List<Slot> given = new ArrayList<>();
    List<Long> columns = new ArrayList<>();
    long rows = 1;
    for (int i = 0; i < node.inputs().size(); i++) {
      if (PlanBuilder.shape(node.input(i)).elements() > 0) {
        Slot slot = builder.slot(node.input(i), channelsLast, dtype);
        Shape memory = slot.memoryShape();
        rows = 1;
        for (int before = 0; before < axis; before++) {
          rows *= memory.dim(before);
        }
        given.add(slot);
        columns.add(memory.elements() / rows);
      }
    }
    List<Argument> arguments = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      arguments.add(Argument.input(i, given.get(i), rows, columns.get(i)));
    }
    Slot to = builder.define(y, channelsLast, dtype);
    arguments.add(Argument.output(to, rows, shape.elements() / rows));
    List<PreparedStep.Part> parts = new ArrayList<>();
    for (Block block : Block.of(rows, builder.lanes(), 1)) {
      var spec = new JoinSpec(block.count(), columns, dtype);
      parts.add(
          new PreparedStep.Part(
              builder.own(builder.kernels().prepared().join(spec)),
              arguments.stream().map(a -> a.cut(0, block.from(), block.count())).toList()));
    }
    builder.add(new PreparedStep(node.name(), op.toString(), parts));
    return true;
  }

  /** Which axis of memory an axis is. */
  private static int inMemory(int axis, int rank, boolean channelsLast) {
    int at = axis < 0 ? axis + rank : axis;
    if (!channelsLast || at == 0) {
      return at;
    }
    return at == 1 ? rank - 1 : at - 1;
  }
}
