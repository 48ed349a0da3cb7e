package dev.nagare.tensor.onednn;

import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.CopySpec;
import dev.nagare.tensor.kernel.prepared.LayerNormSpec;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PointwiseSpec;
import dev.nagare.tensor.kernel.prepared.PoolingSpec;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.SoftmaxSpec;
import java.util.List;

/** What has no weight. */
final class PreparedForward {
  private static final int SCALE = 51;
  private static final int SHIFT = 52;
  private static final int USE_SCALE = 2;
  private static final int USE_SHIFT = 4;
  private static final int SOFTMAX = 196608;
  private static final int LOG_SOFTMAX = 196609;
  private static final int MAX = 511;
  private static final int MEAN_WITH_PADDING = 767;
  private static final int MEAN = 1023;
  private static final int SECOND = 2;

  private PreparedForward() {}

  static PreparedKernel layerNorm(LayerNormSpec s) {
    try (KernelDraft draft = new KernelDraft()) {
      long x = input(draft, Layout.dense(Layout.type(s.dtype()), s.rows(), s.n()));
      long y = output(draft, Layout.dense(Layout.type(s.result()), s.rows(), s.n()));
      if (s.scale()) {
        draft.argument(OneDnnArgument.input(SCALE, Layout.dense(s.n()), 1));
      }
      if (s.shift()) {
        draft.argument(OneDnnArgument.input(SHIFT, Layout.dense(s.n()), s.scale() ? 2 : 1));
      }
      int flags = (s.scale() ? USE_SCALE : 0) | (s.shift() ? USE_SHIFT : 0);
      long descriptor = ForwardFunctions.layerNorm(x, y, s.epsilon(), flags, draft.attributes());
      return draft.kernel(Arguments.of(s), descriptor, null, false);
    }
  }

  static PreparedKernel softmax(SoftmaxSpec s) {
    try (KernelDraft draft = new KernelDraft()) {
      long x = input(draft, Layout.dense(Layout.type(s.dtype()), s.rows(), s.n()));
      long y = output(draft, Layout.dense(Layout.type(s.result()), s.rows(), s.n()));
      int algorithm = s.log() ? LOG_SOFTMAX : SOFTMAX;
      long descriptor = ForwardFunctions.softmax(algorithm, x, y, 1, draft.attributes());
      return draft.kernel(Arguments.of(s), descriptor, null, false);
    }
  }

  static PreparedKernel pooling(PoolingSpec s) {
    try (KernelDraft draft = new KernelDraft()) {
      int type = Layout.type(s.dtype());
      long x = input(draft, Layout.image(type, s.n(), s.h(), s.w(), s.c()));
      long y =
          output(draft, Layout.image(type, s.n(), s.output().dim(1), s.output().dim(2), s.c()));
      int algorithm =
          switch (s.kind()) {
            case MAX -> MAX;
            case MEAN -> MEAN;
            case MEAN_WITH_PADDING -> MEAN_WITH_PADDING;
          };
      long descriptor = ForwardFunctions.pooling(algorithm, s.window(), x, y, draft.attributes());
      return draft.kernel(Arguments.of(s), descriptor, null, false);
    }
  }

  /**
   * Whether oneDNN can: its functions of one argument do not change the dtype, and only operands
   * may follow them.
   */
  static boolean can(PointwiseSpec s) {
    List<PostOpStep> steps = PostOpStep.of(s.post());
    if (steps.isEmpty()) {
      return s.dtype() != s.result();
    }
    if (steps.getFirst().operand() != PostOpStep.NONE) {
      return true;
    }
    return s.dtype() == s.result()
        && steps.stream().skip(1).allMatch(step -> step.operand() != PostOpStep.NONE);
  }

  static PreparedKernel pointwise(PointwiseSpec s) {
    try (KernelDraft draft = new KernelDraft()) {
      long columns = s.shape().rank() == 0 ? 1 : s.shape().dim(-1);
      long rows = s.shape().elements() / columns;
      List<PostOpStep> steps = PostOpStep.of(s.post());
      long x = input(draft, Layout.dense(Layout.type(s.dtype()), rows, columns));
      long y = output(draft, Layout.dense(Layout.type(s.result()), rows, columns));
      if (steps.isEmpty()) {
        long descriptor = ConvolutionFunctions.reorder(x, y, draft.attributes());
        return draft.kernel(Arguments.of(s), descriptor, null, false);
      }
      PostOpStep first = steps.getFirst();
      long attributes =
          draft.postOps(
              s.post(),
              s.operands(),
              steps,
              1,
              operand -> PreparedProduct.operand(operand, rows, columns));
      long descriptor;
      if (first.operand() == PostOpStep.NONE) {
        descriptor = ForwardFunctions.function(first, x, y, attributes);
      } else {
        Operand operand = PostOpChain.byPostOp(s.post(), s.operands())[first.operand()];
        long other =
            draft.argument(
                OneDnnArgument.operand(
                    SECOND,
                    PreparedProduct.operand(operand, rows, columns),
                    first.operand(),
                    operand.extent()));
        descriptor = ForwardFunctions.combination(first, x, other, y, attributes);
      }
      return draft.kernel(Arguments.of(s), descriptor, null, false);
    }
  }

  static PreparedKernel copy(CopySpec s) {
    try (KernelDraft draft = new KernelDraft()) {
      long[] dims = s.shape().toArray();
      long x = input(draft, Layout.strided(Layout.type(s.dtype()), dims, longs(s.from())));
      long y = output(draft, Layout.strided(Layout.type(s.result()), dims, longs(s.to())));
      long descriptor = ConvolutionFunctions.reorder(x, y, draft.attributes());
      return draft.kernel(Arguments.of(s), descriptor, null, false);
    }
  }

  private static long input(KernelDraft draft, long layout) {
    return draft.argument(OneDnnArgument.input(OneDnn.SRC, layout, 0));
  }

  private static long output(KernelDraft draft, long layout) {
    return draft.argument(OneDnnArgument.output(layout));
  }

  private static long[] longs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }
}
