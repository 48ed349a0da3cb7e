package dev.nagare.tensor.onednn;

import dev.nagare.tensor.kernel.prepared.Arguments;
import dev.nagare.tensor.kernel.prepared.ConvolutionSpec;
import dev.nagare.tensor.kernel.prepared.Operand;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;

/** Convolutions with packed weights. */
final class PreparedConvolution {
  private PreparedConvolution() {}

  static PreparedKernel of(ConvolutionSpec s) {
    try (KernelDraft draft = new KernelDraft()) {
      long[] dims = weight(s);
      long w = draft.argument(OneDnnArgument.weight(chosen(s, dims)));
      long descriptor = descriptor(draft, s, s.n(), w);
      long plain = draft.own(Layout.dense(OneDnn.F32, dims));
      return draft.kernel(Arguments.of(s), descriptor, new Packing(plain, w), false);
    }
  }

  private static long[] weight(ConvolutionSpec s) {
    long g = s.groups();
    long kh = s.window().kernelH();
    long kw = s.window().kernelW();
    return g == 1
        ? new long[] {s.o(), s.c(), kh, kw}
        : new long[] {g, s.o() / g, s.c() / g, kh, kw};
  }

  /** The order of a weight: what a convolution of one image likes best. */
  private static long chosen(ConvolutionSpec s, long[] dims) {
    try (KernelDraft draft = new KernelDraft()) {
      long any = draft.own(Layout.any(Layout.type(s.dtype()), dims));
      long descriptor = descriptor(draft, s, 1, any);
      long layout = Layout.copy(OneDnn.layout(descriptor, ConvolutionFunctions.QUERY_WEIGHTS));
      OneDnn.destroyPrimitiveDescriptor(descriptor);
      return layout;
    }
  }

  private static long descriptor(KernelDraft draft, ConvolutionSpec s, long n, long weights) {
    long h = s.output().dim(1);
    long w = s.output().dim(2);
    long x =
        draft.argument(
            OneDnnArgument.input(
                OneDnn.SRC, Layout.image(Layout.type(s.dtype()), n, s.h(), s.w(), s.c()), 0));
    long y =
        draft.argument(
            OneDnnArgument.output(Layout.image(Layout.type(s.result()), n, h, w, s.o())));
    long bias = s.bias() ? draft.argument(OneDnnArgument.bias(Layout.dense(s.o()))) : 0;
    long attributes =
        draft.postOps(
            s.post(),
            s.operands(),
            PostOpStep.of(s.post()),
            0,
            operand -> operand(operand, n, h, w, s.o()));
    return ConvolutionFunctions.forward(
        ConvolutionFunctions.INFERENCE, s.window(), x, weights, bias, y, attributes);
  }

  private static long operand(Operand operand, long n, long h, long w, long c) {
    int type = Layout.type(operand.dtype());
    return switch (operand.extent()) {
      case ELEMENT -> Layout.image(type, n, h, w, c);
      case COLUMN -> Layout.image(type, 1, 1, 1, c);
      case SINGLE -> Layout.image(type, 1, 1, 1, 1);
    };
  }
}
