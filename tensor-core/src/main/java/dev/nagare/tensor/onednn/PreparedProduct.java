package dev.nagare.tensor.onednn;

import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.ProductSpec;

/** Products with packed weights. */
final class PreparedProduct {
  /** Rows of the product that chooses the order of a weight, whatever the rows of the others. */
  static final long CHOOSING_ROWS = 128;

  private PreparedProduct() {}

  static PreparedKernel of(ProductSpec s) {
    try (KernelDraft draft = new KernelDraft()) {
      long rows = Math.max(2, s.m());
      int type = Layout.type(s.dtype());
      int result = Layout.type(s.result());
      long x = draft.argument(OneDnnArgument.input(OneDnn.SRC, dense(type, rows, s.k()), 0));
      long y = draft.argument(OneDnnArgument.output(dense(result, rows, s.n())));
      long w = draft.argument(OneDnnArgument.weight(chosen(s, type)));
      long bias = s.bias() ? draft.argument(OneDnnArgument.bias(dense(OneDnn.F32, 1, s.n()))) : 0;
      long attributes =
          draft.postOps(
              s.post(),
              s.operands(),
              PostOpStep.of(s.post()),
              0,
              operand -> operand(operand, rows, s.n()));
      long descriptor = OneDnn.matmul(x, w, bias, y, attributes);
      long plain =
          draft.own(
              Layout.strided(
                  OneDnn.F32,
                  new long[] {s.k(), s.n()},
                  s.transposed() ? new long[] {1, s.k()} : new long[] {s.n(), 1}));
      return draft.kernel(Arguments.of(s), descriptor, new Packing(plain, w), s.m() == 1);
    }
  }

  private static long dense(int type, long rows, long columns) {
    return Layout.dense(type, rows, columns);
  }

  /** What an operand looks like beside a result {@code [rows, columns]}. */
  static long operand(Operand operand, long rows, long columns) {
    int type = Layout.type(operand.dtype());
    return switch (operand.extent()) {
      case ELEMENT -> dense(type, rows, columns);
      case COLUMN -> dense(type, 1, columns);
      case SINGLE -> dense(type, 1, 1);
    };
  }

  /** The order of a weight: what a product of so many rows likes best. */
  private static long chosen(ProductSpec s, int type) {
    try (KernelDraft draft = new KernelDraft()) {
      long descriptor =
          OneDnn.matmul(
              draft.own(dense(type, CHOOSING_ROWS, s.k())),
              draft.own(Layout.any(type, s.k(), s.n())),
              0,
              draft.own(dense(type, CHOOSING_ROWS, s.n())),
              draft.attributes());
      long layout = Layout.copy(OneDnn.layout(descriptor, ConvolutionFunctions.QUERY_WEIGHTS));
      OneDnn.destroyPrimitiveDescriptor(descriptor);
      return layout;
    }
  }
}
