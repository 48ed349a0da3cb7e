package dev.nagare.tensor.kernel.prepared;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a prepared kernel is to be given, for those who implement one.
 *
 * @param op name of the operation in errors
 * @param inputs in order
 * @param weight as it comes, unpacked; null for none
 * @param bias null for none
 * @param operands by index of the post-op, null where it has none
 * @param output the result
 */
public record Arguments(
    String op,
    List<Expected> inputs,
    @Nullable Expected weight,
    @Nullable Expected bias,
    List<@Nullable Expected> operands,
    Expected output) {

  /** Those of a product. */
  public static Arguments of(ProductSpec s) {
    Shape y = Shape.of(s.m(), s.n());
    return new Arguments(
        "product",
        List.of(new Expected("x", s.dtype(), Shape.of(s.m(), s.k()))),
        new Expected(
            "weight", DType.F32, s.transposed() ? Shape.of(s.n(), s.k()) : Shape.of(s.k(), s.n())),
        s.bias() ? new Expected("bias", DType.F32, Shape.of(s.n())) : null,
        operands(s.post(), s.operands(), y),
        new Expected("y", s.result(), y));
  }

  /** Those of a convolution. */
  public static Arguments of(ConvolutionSpec s) {
    long kh = s.window().kernelH();
    long kw = s.window().kernelW();
    return new Arguments(
        "convolution",
        List.of(new Expected("x", s.dtype(), Shape.of(s.n(), s.h(), s.w(), s.c()))),
        new Expected("weight", DType.F32, Shape.of(s.o(), s.c() / s.groups(), kh, kw)),
        s.bias() ? new Expected("bias", DType.F32, Shape.of(s.o())) : null,
        operands(s.post(), s.operands(), s.output()),
        new Expected("y", s.result(), s.output()));
  }

  /** Those of a recurrence. */
  public static Arguments of(RecurrenceSpec s) {
    Shape state = Shape.of(s.rows(), s.hidden());
    return new Arguments(
        "recurrence",
        List.of(
            new Expected("gates", DType.F32, Shape.of(s.steps(), s.rows(), 4 * s.hidden())),
            new Expected("h0", DType.F32, state),
            new Expected("c0", DType.F32, state)),
        new Expected("weight", DType.F32, Shape.of(s.hidden(), 4 * s.hidden())),
        null,
        List.of(),
        new Expected("h", DType.F32, Shape.of(s.steps(), s.rows(), s.hidden())));
  }

  /** Those of an attention of sequences of one length. */
  public static Arguments of(AttentionSpec s) {
    long columns = s.heads() * s.depth();
    Shape queries = Shape.of(s.sequences(), s.queries(), columns);
    Shape keys = Shape.of(s.sequences(), s.keys(), columns);
    List<Expected> inputs = new ArrayList<>();
    inputs.add(new Expected("q", s.dtype(), queries, s.qRow()));
    inputs.add(new Expected("k", s.dtype(), keys, s.kRow()));
    inputs.add(new Expected("v", s.dtype(), keys, s.vRow()));
    Shape mask = s.mask();
    if (mask != null) {
      inputs.add(new Expected("mask", DType.F32, mask));
    }
    return plain("attention", inputs, new Expected("y", s.dtype(), queries));
  }

  /** Those of an attention of sequences of any lengths. */
  public static Arguments of(RaggedAttentionSpec s) {
    Shape rows = Shape.of(s.tokens(), s.heads() * s.depth());
    return plain(
        "attention",
        List.of(
            new Expected("q", s.dtype(), rows, s.qRow()),
            new Expected("k", s.dtype(), rows, s.kRow()),
            new Expected("v", s.dtype(), rows, s.vRow()),
            new Expected("offsets", s.offsets(), Shape.of(s.sequences() + 1))),
        new Expected("y", s.dtype(), rows));
  }

  /** Those of a layer normalisation. */
  public static Arguments of(LayerNormSpec s) {
    Shape rows = Shape.of(s.rows(), s.n());
    List<Expected> inputs = new ArrayList<>();
    inputs.add(new Expected("x", s.dtype(), rows));
    if (s.scale()) {
      inputs.add(new Expected("scale", DType.F32, Shape.of(s.n())));
    }
    if (s.shift()) {
      inputs.add(new Expected("shift", DType.F32, Shape.of(s.n())));
    }
    return plain("layerNorm", inputs, new Expected("y", s.result(), rows));
  }

  /** Those of a softmax. */
  public static Arguments of(SoftmaxSpec s) {
    Shape rows = Shape.of(s.rows(), s.n());
    Expected x = new Expected("x", s.dtype(), rows);
    return plain("softmax", List.of(x), new Expected("y", s.result(), rows));
  }

  /** Those of a pooling. */
  public static Arguments of(PoolingSpec s) {
    Expected x = new Expected("x", s.dtype(), Shape.of(s.n(), s.h(), s.w(), s.c()));
    return plain("pooling", List.of(x), new Expected("y", s.dtype(), s.output()));
  }

  /** Those of functions of elements. */
  public static Arguments of(PointwiseSpec s) {
    return new Arguments(
        "pointwise",
        List.of(new Expected("x", s.dtype(), s.shape())),
        null,
        null,
        operands(s.post(), s.operands(), s.shape()),
        new Expected("y", s.result(), s.shape()));
  }

  /** Those of a join. */
  public static Arguments of(JoinSpec s) {
    List<Expected> inputs = new ArrayList<>();
    for (long columns : s.columns()) {
      inputs.add(new Expected("x" + inputs.size(), s.dtype(), Shape.of(s.rows(), columns)));
    }
    return plain("join", inputs, new Expected("y", s.dtype(), Shape.of(s.rows(), s.all())));
  }

  /** Those of a copy. */
  public static Arguments of(CopySpec s) {
    return plain(
        "copy",
        List.of(spread("x", s.dtype(), s.shape(), s.from())),
        spread("y", s.result(), s.shape(), s.to()));
  }

  private static Expected spread(String name, DType dtype, Shape shape, List<Long> strides) {
    long[] dims = shape.toArray();
    long span = 1;
    for (int i = 0; i < dims.length; i++) {
      span += (dims[i] - 1) * strides.get(i);
    }
    return new Expected(name, dtype, Shape.of(span), Expected.SPAN);
  }

  private static Arguments plain(String op, List<Expected> inputs, Expected output) {
    return new Arguments(op, inputs, null, null, List.of(), output);
  }

  private static List<@Nullable Expected> operands(
      List<PostOp> post, List<Operand> operands, Shape y) {
    @Nullable Expected[] expected = new Expected[post.size()];
    int next = 0;
    for (int i = 0; i < expected.length; i++) {
      if (post.get(i) instanceof PostOp.Combine) {
        Operand operand = operands.get(next++);
        Shape shape =
            switch (operand.extent()) {
              case ELEMENT -> y;
              case COLUMN -> Shape.of(y.dim(y.rank() - 1));
              case SINGLE -> Shape.of(1);
            };
        expected[i] = new Expected("operand " + i, operand.dtype(), shape);
      }
    }
    return Arrays.asList(expected);
  }
}
