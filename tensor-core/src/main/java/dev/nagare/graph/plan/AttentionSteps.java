package dev.nagare.graph.plan;

import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Attention;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.prepared.AttentionSpec;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.RaggedAttentionSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Attention as prepared kernels. */
final class AttentionSteps {
  private AttentionSteps() {}

  static boolean canPrepare(Node node, Attention op) {
    if (node.input(0).fact().dtype() != DType.F32
        || PlanBuilder.shape(node.output()).elements() == 0) {
      return false;
    }
    Value mask = node.optional(op.operands());
    Shape keys = PlanBuilder.shape(node.input(op.packed() ? 0 : 1));
    return op.ragged()
        || mask == null
        || (mask.fact().rank() > 0 && PlanBuilder.shape(mask).dim(-1) == keys.dim(1));
  }

  static void add(PlanBuilder builder, Node node, Attention op) {
    Shape out = PlanBuilder.shape(node.output());
    long columns = out.dim(-1);
    List<Argument> arguments = new ArrayList<>();
    long[] rows = new long[3];
    for (int i = 0; i < 3; i++) {
      Value value = node.input(op.packed() ? 0 : i);
      Shape shape = PlanBuilder.shape(value);
      rows[i] = shape.dim(-1);
      Argument whole =
          Argument.input(i, builder.slot(value, false, builder.dtype()), shape.toArray());
      arguments.add(op.packed() ? whole.cut(shape.rank() - 1, i * columns, columns) : whole);
    }
    PreparedKernel kernel =
        builder.own(
            op.ragged()
                ? ragged(builder, node, op, out, rows, arguments)
                : padded(builder, node, op, out, rows, arguments));
    // its reader is another product, so it is as wide as that reads
    Slot y = builder.define(node.output(), false, builder.dtype());
    arguments.add(Argument.output(y, out.toArray()));
    builder.add(
        new PreparedStep(
            node.name(),
            node.operator().toString(),
            List.of(new PreparedStep.Part(kernel, arguments))));
  }

  private static PreparedKernel ragged(
      PlanBuilder builder,
      Node node,
      Attention op,
      Shape out,
      long[] rows,
      List<Argument> arguments) {
    Value offsets = node.input(op.operands());
    long count = PlanBuilder.shape(offsets).dim(0);
    DType dtype = offsets.fact().dtype();
    arguments.add(Argument.input(3, builder.slot(offsets, false, dtype), count));
    return builder
        .kernels()
        .prepared()
        .raggedAttention(
            new RaggedAttentionSpec(
                out.dim(0),
                count - 1,
                op.heads(),
                out.dim(1) / op.heads(),
                op.scale(),
                rows[0],
                rows[1],
                rows[2],
                dtype,
                builder.dtype()));
  }

  private static PreparedKernel padded(
      PlanBuilder builder,
      Node node,
      Attention op,
      Shape out,
      long[] rows,
      List<Argument> arguments) {
    Shape keys = PlanBuilder.shape(node.input(op.packed() ? 0 : 1));
    Value mask = node.optional(op.operands());
    Shape added = mask == null ? null : four(PlanBuilder.shape(mask));
    if (mask != null && added != null) {
      arguments.add(Argument.input(3, builder.slot(mask, false, DType.F32), added.toArray()));
    }
    return builder
        .kernels()
        .prepared()
        .attention(
            new AttentionSpec(
                out.dim(0),
                out.dim(1),
                keys.dim(1),
                op.heads(),
                out.dim(2) / op.heads(),
                op.scale(),
                rows[0],
                rows[1],
                rows[2],
                added,
                builder.dtype()));
  }

  private static @Nullable Shape four(Shape mask) {
    long[] dims = {1, 1, 1, 1};
    for (int i = 1; i <= mask.rank(); i++) {
      dims[4 - i] = mask.dim(-i);
    }
    return Shape.of(dims);
  }
}
