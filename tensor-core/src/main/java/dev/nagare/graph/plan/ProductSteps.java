package dev.nagare.graph.plan;

import dev.nagare.graph.Node;
import dev.nagare.graph.Value;
import dev.nagare.graph.op.Linear;
import dev.nagare.graph.op.MatMul;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.Operand.Extent;
import dev.nagare.tensor.kernel.prepared.PostOp;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.ProductSpec;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Products with a constant weight as prepared kernels. */
final class ProductSteps {
  /** A row alone has other bits than among others. */
  private static final long LEAST_ROWS = 2;

  private ProductSteps() {}

  static boolean canPrepare(Node node, MatMul op) {
    return !op.transposeA()
        && node.input(1).isConstant()
        && node.input(1).fact().rank() == 2
        && node.input(0).fact().rank() >= 2
        && fits(node);
  }

  static boolean canPrepare(Node node, Linear op) {
    return node.input(1).isConstant() && fits(node) && extents(node, op.post()) != null;
  }

  private static boolean fits(Node node) {
    return node.input(0).fact().dtype() == DType.F32
        && PlanBuilder.shape(node.output()).elements() > 0
        && PlanBuilder.shape(node.input(0)).elements() > 0;
  }

  private static @Nullable List<Extent> extents(Node node, List<PostOp> post) {
    int last = node.output().fact().rank() - 1;
    return PostOperands.extents(node, post, Linear.FIXED_INPUTS, last);
  }

  static void add(PlanBuilder builder, Node node, MatMul op) {
    add(builder, node, op.transposeB(), null, List.of(), List.of());
  }

  static void add(PlanBuilder builder, Node node, Linear op) {
    List<Extent> extents = extents(node, op.post());
    Value bias = node.optional(2);
    add(builder, node, op.transposed(), bias, op.post(), extents == null ? List.of() : extents);
  }

  private static void add(
      PlanBuilder builder,
      Node node,
      boolean transposed,
      @Nullable Value bias,
      List<PostOp> post,
      List<Extent> extents) {
    Shape weight = PlanBuilder.shape(node.input(1));
    long k = weight.dim(transposed ? 1 : 0);
    long n = weight.dim(transposed ? 0 : 1);
    long m = PlanBuilder.shape(node.output()).elements() / n;
    Slot x = builder.slot(node.input(0), false, builder.dtype());
    List<Operand> operands =
        PostOperands.operands(builder, node, Linear.FIXED_INPUTS, extents, false);
    List<Argument> shared = new ArrayList<>();
    if (bias != null) {
      shared.add(Argument.bias(builder.slot(bias, false, DType.F32), n));
    }
    List<Argument> rows = new ArrayList<>();
    PostOperands.arguments(builder, node, post, Linear.FIXED_INPUTS, extents, false, m, n)
        .forEach(argument -> (argument.shape().rank() == 2 ? rows : shared).add(argument));
    rows.add(Argument.input(0, x, m, k));
    DType result = builder.dtypeOf(node.output());
    rows.add(Argument.output(builder.define(node.output(), false, result), m, n));
    List<PreparedStep.Part> parts = new ArrayList<>();
    for (Block block : Block.of(m, builder.lanes(), LEAST_ROWS)) {
      var spec =
          new ProductSpec(
              block.count(),
              n,
              k,
              transposed,
              builder.dtype(),
              result,
              bias != null,
              post,
              operands);
      PreparedKernel kernel = builder.own(RowCheck.product(builder.kernels(), spec));
      List<Argument> arguments = new ArrayList<>(shared);
      rows.forEach(row -> arguments.add(row.cut(0, block.from(), block.count())));
      arguments.add(Argument.weight(weight(builder, node.input(1), spec, kernel)));
      parts.add(new PreparedStep.Part(kernel, arguments));
    }
    builder.add(new PreparedStep(node.name(), node.operator().toString(), parts));
  }

  /** Packed in one way for all numbers of rows. */
  static Slot weight(PlanBuilder builder, Value value, ProductSpec spec, PreparedKernel kernel) {
    var form =
        new ProductSpec(
            1,
            spec.n(),
            spec.k(),
            spec.transposed(),
            spec.dtype(),
            spec.result(),
            spec.bias(),
            spec.post(),
            spec.operands());
    return builder.weight(value, form.toString(), kernel.packedBytes(), kernel::pack);
  }
}
