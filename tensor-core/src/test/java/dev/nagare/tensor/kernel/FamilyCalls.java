package dev.nagare.tensor.kernel;

import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Attention.Form;
import dev.nagare.tensor.kernel.Attention.Mask;
import dev.nagare.tensor.kernel.Attention.Operand;
import dev.nagare.tensor.kernel.Recurrent.Activation;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Calls of random sizes at every method of the kernel families, for tests of what they refuse. */
final class FamilyCalls {
  private FamilyCalls() {}

  /** What a call does with its arguments, which have the {@link Call#arguments} order. */
  interface Body {
    void run(Kernels kernels, Tensor[] t);
  }

  /** What an argument is for. */
  enum Role {
    INPUT,
    OUTPUT,
    /** Whole numbers from 0 to 2. */
    NUMBERS
  }

  /** One argument. */
  record Argument(Role role, Shape shape) {}

  /** A call whose arguments fit, as long as nobody exchanges one. */
  record Call(List<Argument> arguments, Body body) {}

  /** All methods by name; a random makes sizes and parameters. */
  static final TreeMap<String, Function<SplittableRandom, Call>> METHODS = new TreeMap<>();

  private static void method(String name, Function<SplittableRandom, Call> maker) {
    METHODS.put(name, maker);
  }

  private static Argument in(long... dims) {
    return new Argument(Role.INPUT, Shape.of(dims));
  }

  private static Argument out(long... dims) {
    return new Argument(Role.OUTPUT, Shape.of(dims));
  }

  private static Argument numbers(long... dims) {
    return new Argument(Role.NUMBERS, Shape.of(dims));
  }

  private static Call call(Body body, Argument... arguments) {
    return new Call(List.of(arguments), body);
  }

  static {
    method("convolution", r -> convolution(r, 0));
    method("convolutionBackwardData", r -> convolution(r, 1));
    method("convolutionBackwardWeights", r -> convolution(r, 2));
    method("maxPool", r -> pooling(r, 0));
    method("maxPoolBackward", r -> pooling(r, 1));
    method("averagePool", r -> pooling(r, 2));
    method("averagePoolBackward", r -> pooling(r, 3));
    method("adaptiveAveragePool", r -> pooling(r, 4));
    method("adaptiveAveragePoolBackward", r -> pooling(r, 5));
    method("statistics", r -> normalization(r, 0));
    method("normalize", r -> normalization(r, 1));
    method("normalizeBackward", r -> normalization(r, 2));
    method("softmax", r -> softmax(r, (k, t) -> k.softmax().forward(t[0], t[1])));
    method("logSoftmax", r -> softmax(r, (k, t) -> k.softmax().logForward(t[0], t[1])));
    method("softmaxBackward", r -> slopes(r, (k, t) -> k.softmax().backward(t[0], t[1], t[2])));
    method(
        "logSoftmaxBackward", r -> slopes(r, (k, t) -> k.softmax().logBackward(t[0], t[1], t[2])));
    method("layerNorm", r -> layerNorm(r, 0));
    method("layerNormBackward", r -> layerNorm(r, 1));
    method("layerNormBackwardParameters", r -> layerNorm(r, 2));
    method("embedding", r -> embedding(r, false));
    method("embeddingBackward", r -> embedding(r, true));
    method("attention", r -> attention(r, false));
    method("attentionBackward", r -> attention(r, true));
    method("lstmForward", r -> lstm(r, false));
    method("lstmBackward", r -> lstm(r, true));
    method("gruForward", r -> gru(r, false));
    method("gruBackward", r -> gru(r, true));
    method("rnnForward", r -> rnn(r, false));
    method("rnnBackward", r -> rnn(r, true));
    method("arrange", FamilyCalls::arrange);
  }

  /** Mostly small; sometimes nothing, sometimes more than a vector. */
  private static int size(SplittableRandom r) {
    int choice = r.nextInt(30);
    return choice == 0 ? 0 : choice < 4 ? 15 + r.nextInt(20) : 1 + r.nextInt(4);
  }

  /** Now and then far too much. */
  private static int number(SplittableRandom r, int least) {
    return switch (r.nextInt(60)) {
      case 0 -> Integer.MAX_VALUE;
      case 1 -> 1 << 20;
      case 2 -> least - 1;
      default -> least + r.nextInt(3);
    };
  }

  private static Window window(SplittableRandom r, boolean dense) {
    return new Window(
        1 + r.nextInt(3),
        number(r, 1),
        number(r, 1),
        number(r, 1),
        dense ? 1 : number(r, 1),
        dense ? 1 : number(r, 1),
        number(r, 0),
        number(r, 0),
        r.nextInt(2),
        r.nextInt(2));
  }

  /** The weights must fit into memory, which is the caller's to see to. */
  private static long held(long dim) {
    return Math.min(dim, 64);
  }

  private static Call convolution(SplittableRandom r, int pass) {
    Window window = window(r, false);
    int groups = r.nextInt(4) == 0 ? number(r, 1) : 1;
    int some = Math.min(groups, 4);
    long c = (long) size(r) * some;
    long o = (long) size(r) * some;
    int n = size(r);
    int h = 3 + size(r);
    int w = 3 + size(r);
    long[] x = {n, h, w, c};
    long[] y = {n, held(window.outH(h)), held(window.outW(w)), o};
    long[] weight = {o, some == 0 ? 0 : c / some, window.kernelH(), held(window.kernelW())};
    boolean bias = r.nextBoolean();
    boolean adds = r.nextBoolean();
    return switch (pass) {
      case 0 ->
          call(
              (k, t) ->
                  k.convolution().forward(window, groups, t[0], t[1], bias ? t[2] : null, t[3]),
              in(x),
              in(weight),
              in(o),
              out(y));
      case 1 ->
          call(
              (k, t) -> k.convolution().backwardData(window, groups, t[0], t[1], t[2], adds),
              in(y),
              in(weight),
              out(x));
      default ->
          call(
              (k, t) -> k.convolution().backwardWeights(window, groups, t[0], t[1], t[2], t[3]),
              in(x),
              in(y),
              out(weight),
              out(o));
    };
  }

  private static Call pooling(SplittableRandom r, int pass) {
    Window window = window(r, pass > 1);
    int n = size(r);
    int c = size(r);
    int h = 2 + size(r);
    int w = 2 + size(r);
    boolean counted = r.nextBoolean();
    long[] x = {n, h, w, c};
    long[] y =
        pass < 4
            ? new long[] {n, held(window.outH(h)), held(window.outW(w)), c}
            : new long[] {n, size(r), size(r), c};
    return switch (pass) {
      case 0 -> call((k, t) -> k.pooling().max(window, t[0], t[1]), in(x), out(y));
      case 1 ->
          call(
              (k, t) -> k.pooling().maxBackward(window, t[0], t[1], t[2], t[3]),
              in(x),
              in(y),
              in(y),
              out(x));
      case 2 -> call((k, t) -> k.pooling().average(window, counted, t[0], t[1]), in(x), out(y));
      case 3 ->
          call((k, t) -> k.pooling().averageBackward(window, counted, t[0], t[1]), in(y), out(x));
      case 4 -> call((k, t) -> k.pooling().adaptiveAverage(t[0], t[1]), in(x), out(y));
      default -> call((k, t) -> k.pooling().adaptiveAverageBackward(t[0], t[1]), in(y), out(x));
    };
  }

  private static Call normalization(SplittableRandom r, int pass) {
    long c = size(r);
    long[] x = r.nextBoolean() ? new long[] {size(r), c} : new long[] {size(r), 3, size(r), c};
    boolean affine = r.nextBoolean();
    boolean batch = r.nextBoolean();
    return switch (pass) {
      case 0 ->
          call((k, t) -> k.normalization().statistics(t[0], t[1], t[2]), in(x), out(c), out(c));
      case 1 ->
          call(
              (k, t) ->
                  k.normalization()
                      .normalize(t[0], t[1], t[2], affine ? t[3] : null, t[4], 1e-5, t[5]),
              in(x),
              in(c),
              in(c),
              in(c),
              in(c),
              out(x));
      default ->
          call(
              (k, t) ->
                  k.normalization()
                      .backward(
                          t[0],
                          t[1],
                          t[2],
                          affine ? t[3] : null,
                          1e-5,
                          batch,
                          t[4],
                          t[5],
                          affine,
                          t[6],
                          t[7]),
              in(x),
              in(c),
              in(c),
              in(c),
              in(x),
              out(x),
              out(c),
              out(c));
    };
  }

  private static Call softmax(SplittableRandom r, Body body) {
    long[] x = rows(r);
    return call(body, in(x), out(x));
  }

  private static Call slopes(SplittableRandom r, Body body) {
    long[] x = rows(r);
    return call(body, in(x), in(x), out(x));
  }

  private static long[] rows(SplittableRandom r) {
    return switch (r.nextInt(3)) {
      case 0 -> new long[] {size(r)};
      case 1 -> new long[] {size(r), size(r)};
      default -> new long[] {size(r), 2, size(r)};
    };
  }

  private static Call layerNorm(SplittableRandom r, int pass) {
    long n = size(r);
    long c = size(r);
    long[] x = {n, c};
    return switch (pass) {
      case 0 ->
          call(
              (k, t) -> k.layerNorm().forward(t[0], t[1], t[2], 1e-5, t[3], t[4], t[5]),
              in(x),
              in(c),
              in(c),
              out(x),
              out(x),
              out(n));
      case 1 ->
          call(
              (k, t) -> k.layerNorm().backward(t[0], t[1], t[2], t[3], t[4]),
              in(x),
              in(n),
              in(c),
              in(x),
              out(x));
      default ->
          call(
              (k, t) -> k.layerNorm().backwardParameters(t[0], t[1], t[2], t[3]),
              in(x),
              in(x),
              out(c),
              out(c));
    };
  }

  private static Call embedding(SplittableRandom r, boolean backward) {
    long e = size(r);
    long n = size(r);
    long[] table = {3 + size(r), e};
    long padding = r.nextInt(-1, 3);
    return backward
        ? call(
            (k, t) -> k.embedding().backward(t[0], t[1], padding, t[2]),
            numbers(n, 2),
            in(n, 2, e),
            out(table))
        : call((k, t) -> k.embedding().forward(t[0], t[1], t[2]), in(table), numbers(n), out(n, e));
  }

  private static Call attention(SplittableRandom r, boolean backward) {
    int n = size(r);
    int queries = size(r);
    int keys = size(r) + (r.nextInt(8) == 0 ? 0 : 2); // as many as the lengths say
    int heads = r.nextInt(20) == 0 ? number(r, 1) : 1 + r.nextInt(2);
    int held = Math.clamp(heads, 1, 3);
    long e = (long) held * size(r);
    int kind = r.nextInt(6);
    boolean causal = r.nextBoolean();
    boolean kept = r.nextBoolean();
    int column = r.nextInt(20) == 0 ? number(r, 0) : r.nextInt(3);
    long[] scores = {n, held, queries, keys};
    List<Argument> arguments =
        new ArrayList<>(
            List.of(
                in(n, queries, e + 2),
                in(n, keys, e + 2),
                in(n, keys, e),
                numbers(n),
                kind == 1 ? in(queries, keys) : in(1, held, queries, keys),
                in(scores),
                new Argument(backward ? Role.INPUT : Role.OUTPUT, Shape.of(scores)),
                out(2, held, queries, keys),
                new Argument(backward ? Role.INPUT : Role.OUTPUT, Shape.of(n, queries, e))));
    if (backward) {
      arguments.add(out(n, queries, e + 2));
      arguments.add(out(n, keys, e + 2));
      arguments.add(out(n, keys, e));
    }
    return new Call(
        arguments,
        (k, t) -> {
          var mask = new Mask(causal, kind % 2 == 0 ? t[3] : null, kind < 4 ? t[4] : null);
          var form = new Form(heads, 0.5, mask);
          var q = new Operand(t[0], column);
          var key = new Operand(t[1], 2);
          var v = new Operand(t[2], 0);
          Tensor keep = kept ? t[5] : null;
          if (backward) {
            var dq = new Operand(t[9], column);
            var dk = new Operand(t[10], 2);
            var dv = new Operand(t[11], 0);
            k.attention().backward(form, q, key, v, keep, t[6], t[7], t[8], dq, dk, dv);
          } else {
            k.attention().forward(form, q, key, v, keep, t[6], t[7], t[8]);
          }
        });
  }

  /** Sizes of a recurrence and whether its rows end early. */
  private record Sequence(long n, long t, long h, boolean ends) {
    Sequence(SplittableRandom r) {
      this(size(r), size(r) + (r.nextInt(8) == 0 ? 0 : 2), size(r), r.nextBoolean());
    }

    @Nullable Tensor lengths(Tensor given) {
      return ends ? given : null;
    }
  }

  private static Call lstm(SplittableRandom r, boolean backward) {
    var s = new Sequence(r);
    Argument state = in(s.n, s.h);
    Argument gates = out(s.n, s.t, 4 * s.h);
    Argument weight = in(s.h, 4 * s.h);
    Argument steps = out(s.n, s.t, s.h);
    if (!backward) {
      return call(
          (k, t) -> k.recurrent().lstmForward(t[0], t[1], t[2], t[3], s.lengths(t[4]), t[5], t[6]),
          gates,
          weight,
          state,
          state,
          numbers(s.n),
          steps,
          steps);
    }
    return call(
        (k, t) ->
            k.recurrent()
                .lstmBackward(
                    t[0], t[1], t[2], t[3], s.lengths(t[4]), t[5], t[6], t[7], t[8], t[9], t[10]),
        gates,
        weight,
        state,
        state,
        numbers(s.n),
        in(steps.shape.toArray()),
        in(steps.shape.toArray()),
        steps,
        out(weight.shape.toArray()),
        out(state.shape.toArray()),
        out(state.shape.toArray()));
  }

  private static Call gru(SplittableRandom r, boolean backward) {
    var s = new Sequence(r);
    Argument gates = out(s.n, s.t, 3 * s.h);
    Argument weight = in(s.h, 3 * s.h);
    Argument steps = out(s.n, s.t, s.h);
    if (!backward) {
      return call(
          (k, t) -> k.recurrent().gruForward(t[0], t[1], t[2], t[3], t[4], s.lengths(t[5]), t[6]),
          gates,
          gates,
          weight,
          in(3 * s.h),
          in(s.n, s.h),
          numbers(s.n),
          steps);
    }
    return call(
        (k, t) ->
            k.recurrent()
                .gruBackward(t[0], t[1], t[2], t[3], s.lengths(t[4]), t[5], t[6], t[7], t[8]),
        gates,
        gates,
        weight,
        in(s.n, s.h),
        numbers(s.n),
        in(steps.shape.toArray()),
        steps,
        out(weight.shape.toArray()),
        out(s.n, s.h));
  }

  private static Call rnn(SplittableRandom r, boolean backward) {
    var s = new Sequence(r);
    Activation f = r.nextBoolean() ? Activation.TANH : Activation.RELU;
    Argument steps = out(s.n, s.t, s.h);
    if (!backward) {
      return call(
          (k, t) -> k.recurrent().rnnForward(f, t[0], t[1], t[2], s.lengths(t[3]), t[4]),
          steps,
          in(s.h, s.h),
          in(s.n, s.h),
          numbers(s.n),
          steps);
    }
    return call(
        (k, t) ->
            k.recurrent().rnnBackward(f, t[0], t[1], t[2], s.lengths(t[3]), t[4], t[5], t[6], t[7]),
        steps,
        in(s.h, s.h),
        in(s.n, s.h),
        numbers(s.n),
        in(steps.shape.toArray()),
        steps,
        out(s.h, s.h),
        out(s.n, s.h));
  }

  private static Call arrange(SplittableRandom r) {
    var s = new Sequence(r);
    boolean reverse = r.nextBoolean();
    boolean adds = r.nextBoolean();
    return call(
        (k, t) -> k.recurrent().arrange(t[0], s.lengths(t[1]), reverse, t[2], adds),
        in(s.n, s.t, s.h),
        numbers(s.n),
        out(s.n, s.t, s.h));
  }
}
