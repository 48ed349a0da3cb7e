package dev.nagare.tensor.onednn;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import dev.nagare.tensor.kernel.Window;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One pass of a convolution of fixed shape with its argument sets, for one thread.
 *
 * <p>Images are channels-last, weights are PyTorch's. oneDNN says in which layout it wants the
 * weights; they are brought into it at each call, since in training they are others each time. With
 * that, 3 x 3 from 64 to 64 channels of one image of 28 x 28 runs at 203 GFLOP/s and of eight at
 * 211, where the product 512³ has 195 (EPYC, AVX-512, one thread, 2026-11-25).
 */
@SuppressWarnings("restricted")
final class ConvolutionPass {
  /** All memory: an address of checked arguments needs no segment of its own. */
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final int DIFF_SRC = 129;
  private static final int DIFF_DST = 145;
  private static final int DIFF_WEIGHTS = 161;
  private static final int DIFF_BIAS = 169;
  private static final int REORDER_FROM = OneDnn.SRC;
  private static final int REORDER_TO = OneDnn.DST;

  /** Which result. */
  enum Kind {
    /** The forward. */
    FORWARD(1),
    /** The forward of BF16. */
    FORWARD_BF16(5),
    /** The gradient of the input. */
    DATA(2),
    /** The gradient of the input, added. */
    DATA_ADDED(3),
    /** The gradient of the weights, added. */
    WEIGHTS(4);

    /** Tells kinds apart in a hash. */
    final int salt;

    Kind(int salt) {
      this.salt = salt;
    }
  }

  /**
   * What a pass is made for.
   *
   * @param bias whether there is one
   */
  record Key(
      Kind kind, Window window, int groups, long n, long h, long w, long c, long o, boolean bias) {

    boolean is(
        Kind otherKind,
        Window otherWindow,
        int otherGroups,
        long otherN,
        long otherH,
        long otherW,
        long otherC,
        long otherO,
        boolean otherBias) {
      return n == otherN
          && c == otherC
          && o == otherO
          && h == otherH
          && w == otherW
          && kind == otherKind
          && groups == otherGroups
          && bias == otherBias
          && window.equals(otherWindow);
    }
  }

  private final Key key;
  private final Prepared pass;

  /** Weights into oneDNN's layout, or out of it and added; null if it is PyTorch's. */
  private final @Nullable Prepared weights;

  /** Adds the gradient of the input. */
  private final @Nullable Prepared addition;

  private final long weightBytes;
  private final long resultBytes;

  ConvolutionPass(Key key) {
    this.key = key;
    Window window = key.window;
    int type = key.kind == Kind.FORWARD_BF16 ? OneDnn.BF16 : OneDnn.F32;
    long image = Layout.image(type, key.n, key.h, key.w, key.c);
    long result = Layout.image(type, key.n, window.outH(key.h), window.outW(key.w), key.o);
    long[] dims = dims(key);
    long plain = Layout.dense(type, dims);
    long any = Layout.any(type, dims);
    long bias = key.bias ? Layout.dense(type, key.o) : 0;
    long attributes = OneDnn.attributes(false);
    long adding = OneDnn.attributes(true);
    long forward =
        ConvolutionFunctions.forward(
            ConvolutionFunctions.TRAINING, window, image, any, bias, result, attributes);
    long descriptor =
        switch (key.kind) {
          case FORWARD, FORWARD_BF16 -> forward;
          case DATA, DATA_ADDED ->
              ConvolutionFunctions.data(window, image, any, result, forward, attributes);
          case WEIGHTS ->
              ConvolutionFunctions.weights(window, image, any, bias, result, forward, attributes);
        };
    boolean gradient = key.kind == Kind.WEIGHTS;
    long wanted =
        OneDnn.layout(
            descriptor,
            gradient
                ? ConvolutionFunctions.QUERY_DIFF_WEIGHTS
                : ConvolutionFunctions.QUERY_WEIGHTS);
    pass = new Prepared(descriptor, kinds(key), layouts(key, image, wanted, result, bias));
    weightBytes = gradient || !Layout.equal(wanted, plain) ? OneDnn.bytes(wanted) : 0;
    if (weightBytes == 0) {
      weights = null;
    } else {
      weights = gradient ? copy(wanted, plain, adding) : copy(plain, wanted, attributes);
    }
    addition = key.kind == Kind.DATA_ADDED ? copy(image, image, adding) : null;
    resultBytes = addition == null ? Matmul.aligned(4 * key.o) : OneDnn.bytes(image);
    if (descriptor != forward) {
      OneDnn.destroyPrimitiveDescriptor(descriptor);
    }
    OneDnn.destroyPrimitiveDescriptor(forward);
    OneDnn.destroyAttributes(attributes);
    OneDnn.destroyAttributes(adding);
    OneDnn.destroyDescriptor(image);
    OneDnn.destroyDescriptor(result);
    OneDnn.destroyDescriptor(plain);
    OneDnn.destroyDescriptor(any);
    if (bias != 0) {
      OneDnn.destroyDescriptor(bias);
    }
  }

  private static long[] dims(Key key) {
    Window window = key.window;
    long g = key.groups;
    return g == 1
        ? new long[] {key.o, key.c, window.kernelH(), window.kernelW()}
        : new long[] {g, key.o / g, key.c / g, window.kernelH(), window.kernelW()};
  }

  /** The order of the arguments: input, weights, result, bias. */
  private static int[] kinds(Key key) {
    int[] kinds =
        switch (key.kind) {
          case FORWARD, FORWARD_BF16 ->
              new int[] {OneDnn.SRC, OneDnn.WEIGHTS, OneDnn.DST, OneDnn.BIAS};
          case DATA, DATA_ADDED -> new int[] {DIFF_SRC, OneDnn.WEIGHTS, DIFF_DST};
          case WEIGHTS -> new int[] {OneDnn.SRC, DIFF_WEIGHTS, DIFF_DST, DIFF_BIAS};
        };
    return key.bias ? kinds : Arrays.copyOf(kinds, 3);
  }

  private static long[] layouts(Key key, long image, long wanted, long result, long bias) {
    return key.bias ? new long[] {image, wanted, result, bias} : new long[] {image, wanted, result};
  }

  private static Prepared copy(long from, long to, long attributes) {
    long descriptor = ConvolutionFunctions.reorder(from, to, attributes);
    Prepared copy =
        new Prepared(descriptor, new int[] {REORDER_FROM, REORDER_TO}, new long[] {from, to});
    OneDnn.destroyPrimitiveDescriptor(descriptor);
    return copy;
  }

  Key key() {
    return key;
  }

  /** Name of oneDNN's implementation. */
  String implementation() {
    return pass.implementation();
  }

  /** Memory that a call needs beside its arguments. */
  long scratchBytes() {
    long pad = pass.scratchpadBytes();
    if (weights != null) {
      pad = Math.max(pad, weights.scratchpadBytes());
    }
    if (addition != null) {
      pad = Math.max(pad, addition.scratchpadBytes());
    }
    return Matmul.aligned(weightBytes) + Matmul.aligned(resultBytes) + Matmul.aligned(pad + 1);
  }

  /**
   * Runs.
   *
   * @param x the input or its gradient
   * @param weight the weights or their gradient
   * @param bias the bias or its gradient; 0 for none
   * @param y the result or its gradient
   */
  void run(long stream, long scratch, long x, long weight, long bias, long y) {
    long result = scratch + Matmul.aligned(weightBytes);
    long pad = result + Matmul.aligned(resultBytes);
    boolean gradient = key.kind == Kind.WEIGHTS;
    if (weights != null && !gradient) {
      weights.at(0, weight).at(1, scratch).run(stream, pad);
    }
    if (key.bias) {
      pass.at(3, gradient ? result : bias);
    }
    pass.at(0, addition == null ? x : result)
        .at(1, weights == null ? weight : scratch)
        .at(2, y)
        .run(stream, pad);
    if (weights != null && gradient) {
      weights.at(0, scratch).at(1, weight).run(stream, pad);
    }
    if (addition != null) {
      addition.at(0, result).at(1, x).run(stream, pad);
    }
    if (key.bias && gradient) {
      for (long i = 0; i < key.o; i++) {
        float sum = ALL.get(JAVA_FLOAT_UNALIGNED, bias + 4 * i);
        ALL.set(
            JAVA_FLOAT_UNALIGNED,
            bias + 4 * i,
            sum + ALL.get(JAVA_FLOAT_UNALIGNED, result + 4 * i));
      }
    }
  }

  void destroy() {
    pass.destroy();
    if (weights != null) {
      weights.destroy();
    }
    if (addition != null) {
      addition.destroy();
    }
  }
}
