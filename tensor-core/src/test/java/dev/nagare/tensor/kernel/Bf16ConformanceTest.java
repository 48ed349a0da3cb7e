package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Matrices.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.autograd.Tape;
import dev.nagare.autograd.Variable;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Pointwise.Comparison;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Forward passes of every provider in BF16 against the reference kernels in F64.
 *
 * <p>Operands are numbers of BF16, so that the reference has the same. A result may be off by its
 * own rounding, 2⁻⁸ of it, and by what F32 loses before: three units of its last place for a
 * function, and for a sum of n terms n + 1 times 2⁻²⁴ of the sum of their sizes.
 */
class Bf16ConformanceTest {
  private static final double ROUNDING = 0x1p-8;

  /** Functions in F32: their ulp are of the result, and so small beside the rounding. */
  private static final double FUNCTION = 0x1p-20;

  private static final Kernels REFERENCE = KernelProviders.byName("scalar").kernels();

  private final SplittableRandom random = new SplittableRandom(20261126);
  private final Scope scope = new Scope(1 << 20);

  @AfterEach
  void close() {
    scope.close();
  }

  static Stream<Kernels> providers() {
    return Stream.of("scalar", "vector", "onednn")
        .map(name -> KernelProviders.byName(name).kernels());
  }

  private Tensor bf16(double size, long... dims) {
    return random(scope, DType.BF16, random, size, dims);
  }

  private Tensor f64(Tensor x) {
    return x.to(DType.F64, scope);
  }

  private Tensor room(Tensor x) {
    return scope.zeros(DType.BF16, x.shape());
  }

  private Tensor sizes(Tensor x) {
    Tensor sizes = f64(x);
    REFERENCE.unary(Kernels.Unary.ABS, sizes, sizes);
    return sizes;
  }

  /** Elements are within the rounding of the exact ones, given what F32 may lose in all. */
  private static void agrees(String op, Tensor result, Tensor exact, double lost) {
    for (long i = 0; i < exact.elements(); i++) {
      double expected = exact.get(i);
      double bound = (ROUNDING + FUNCTION) * Math.abs(expected) + 2 * lost;
      assertThat(result.get(i)).as("%s, element %s", op, i).isCloseTo(expected, within(bound));
    }
  }

  /** The same, given the sum of the sizes of the terms of each element and how many these are. */
  private static void sums(String op, Tensor result, Tensor exact, Tensor sizes, long terms) {
    for (long i = 0; i < exact.elements(); i++) {
      double expected = exact.get(i);
      double bound = ROUNDING * Math.abs(expected) + 2 * (terms + 1) * 0x1p-24 * sizes.get(i);
      assertThat(result.get(i)).as("%s, element %s", op, i).isCloseTo(expected, within(bound));
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void productsAreRoundedOnce(Kernels kernels) {
    long[][] shapes = {{1, 7, 5}, {1, 64, 33}, {3, 16, 16}, {33, 65, 17}, {64, 300, 128}};
    for (long[] s : shapes) {
      for (int form = 0; form < 8; form++) {
        boolean ta = (form & 1) != 0;
        boolean tb = (form & 2) != 0;
        boolean accumulate = (form & 4) != 0;
        Tensor a = ta ? bf16(1, s[1], s[0]) : bf16(1, s[0], s[1]);
        Tensor b = tb ? bf16(1, s[2], s[1]) : bf16(1, s[1], s[2]);
        Tensor bias = accumulate ? null : bf16(1, s[2]);
        Tensor out = bf16(1, s[0], s[2]);
        Tensor exact = f64(out);
        Tensor sizes = sizes(out);
        Tensor bias64 = bias == null ? null : f64(bias);
        Tensor biasSize = bias == null ? null : sizes(bias);
        REFERENCE.matmul(f64(a), ta, f64(b), tb, bias64, exact, accumulate);
        REFERENCE.matmul(sizes(a), ta, sizes(b), tb, biasSize, sizes, accumulate);
        kernels.matmul(a, ta, b, tb, bias, out, accumulate);
        sums("matmul " + Shape.of(s) + " form " + form, out, exact, sizes, s[1]);
        scope.reset();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aRowOfAProductDoesNotDependOnTheOthers(Kernels kernels) {
    Tensor a = bf16(1, 9, 70);
    Tensor b = bf16(1, 70, 50);
    Tensor all = scope.zeros(DType.BF16, Shape.of(9, 50));
    kernels.matmul(a, false, b, false, null, all, false);
    for (int rows = 1; rows < 9; rows++) {
      Tensor some = scope.zeros(DType.BF16, Shape.of(rows, 50));
      kernels.matmul(a.narrow(0, rows), false, b, false, null, some, false);
      for (long i = 0; i < some.elements(); i++) {
        assertThat(some.get(i)).as("%s rows, element %s", rows, i).isEqualTo(all.get(i));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void convolutionsAreRoundedOnce(Kernels kernels) {
    Window[] windows = {
      Window.of(1, 1),
      Window.of(3, 3).padding(1, 1),
      Window.of(3, 2).stride(2, 1).padding(1, 0),
      Window.of(3, 3).dilation(2, 2).padding(2, 2),
      new Window(2, 3, 1, 2, 1, 1, 0, 1, 1, 2)
    };
    for (Window window : windows) {
      for (int groups : new int[] {1, 2, 8}) {
        Tensor x = bf16(1, 2, 7, 6, 8);
        Tensor weight = bf16(1, 16, 8 / groups, window.kernelH(), window.kernelW());
        Tensor bias = groups == 2 ? null : bf16(1, 16);
        Shape shape = Shape.of(2, window.outH(7), window.outW(6), 16);
        Tensor y = scope.zeros(DType.BF16, shape);
        Tensor exact = scope.zeros(DType.F64, shape);
        Tensor sizes = scope.zeros(DType.F64, shape);
        Convolution reference = REFERENCE.convolution();
        Tensor bias64 = bias == null ? null : f64(bias);
        Tensor biasSize = bias == null ? null : sizes(bias);
        reference.forward(window, groups, f64(x), f64(weight), bias64, exact);
        reference.forward(window, groups, sizes(x), sizes(weight), biasSize, sizes);
        kernels.convolution().forward(window, groups, x, weight, bias, y);
        long terms = weight.elements() / 16;
        sums("convolution " + window + " in " + groups, y, exact, sizes, terms);
        scope.reset();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void functionsOfTwoOperandsAreRoundedOnce(Kernels kernels) {
    Tensor x = positive(3, 5, 19);
    Tensor[] others = {
      positive(3, 5, 19), positive(19), positive(5, 1), positive(19, 5, 3).permute(2, 1, 0)
    };
    for (Pointwise.Function f : Pointwise.Function.values()) {
      for (Tensor other : others) {
        Tensor out = room(x);
        Tensor exact = f64(x);
        REFERENCE.pointwise().binary(f, f64(x), f64(other), exact);
        kernels.pointwise().binary(f, x, other, out);
        agrees(f.op() + other, out, exact, 0);
      }
    }
    for (Kernels.Binary f : Kernels.Binary.values()) {
      Tensor out = room(x);
      Tensor exact = f64(x);
      REFERENCE.binary(f, f64(x), f64(others[0]), exact);
      kernels.binary(f, x, others[0], out);
      agrees(f.name(), out, exact, 0);
    }
  }

  private Tensor positive(long... dims) {
    Tensor x = bf16(1, dims);
    for (long i = 0; i < x.elements(); i++) {
      x.set(i, Math.abs(x.get(i)) + 0.25);
    }
    return x;
  }

  @ParameterizedTest
  @MethodSource("providers")
  void functionsOfOneOperandAreRoundedOnce(Kernels kernels) {
    Tensor x = bf16(6, 3, 41);
    for (Kernels.Unary f : Kernels.Unary.values()) {
      one(f.name(), x, (k, t) -> k.unary(f, t[0], t[1]), kernels);
    }
    for (Activations.Function f : Activations.Function.values()) {
      one(f.op(), x, (k, t) -> k.activations().forward(f, t[0], t[1]), kernels);
    }
    one("leakyRelu", x, (k, t) -> k.activations().leakyRelu(0.1, t[0], t[1]), kernels);
    one("clamp", x, (k, t) -> k.pointwise().clamp(-1, 2, t[0], t[1]), kernels);
    Tensor more = positive(3, 41);
    for (Pointwise.Single f : Pointwise.Single.values()) {
      one(f.name(), more, (k, t) -> k.pointwise().unary(f, t[0], t[1]), kernels);
    }
  }

  private void one(String op, Tensor x, BiConsumer<Kernels, Tensor[]> function, Kernels kernels) {
    Tensor out = room(x);
    Tensor exact = f64(out);
    function.accept(REFERENCE, new Tensor[] {f64(x), exact});
    function.accept(kernels, new Tensor[] {x, out});
    // Near its ends GELU's share is a difference from 1.
    agrees(op, out, exact, 0x1p-21);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void comparisonsAndChoicesAreExact(Kernels kernels) {
    Tensor a = bf16(1, 4, 33);
    Tensor b = bf16(1, 33);
    Tensor mask = scope.zeros(DType.BOOL, a.shape());
    Tensor expected = scope.zeros(DType.BOOL, a.shape());
    for (Comparison c : Comparison.values()) {
      REFERENCE.pointwise().compare(c, f64(a), f64(b), expected);
      kernels.pointwise().compare(c, a, b, mask);
      agrees(c.name(), mask, expected, 0);
    }
    Tensor out = room(a);
    Tensor exact = f64(out);
    REFERENCE.pointwise().where(mask, f64(a), f64(b), exact);
    kernels.pointwise().where(mask, a, b, out);
    same("where", out, exact);
  }

  private static void same(String op, Tensor result, Tensor exact) {
    for (long i = 0; i < exact.elements(); i++) {
      assertThat(result.get(i)).as("%s, element %s", op, i).isEqualTo(exact.get(i));
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void rowsAreRoundedOnce(Kernels kernels) {
    for (int n : new int[] {1, 5, 16, 100}) {
      Tensor x = bf16(6, 3, n);
      // Exponentials and their sum in F32: some units of the last place, of a logarithm up to 16.
      one("softmax", x, (k, t) -> k.softmax().forward(t[0], t[1]), kernels);
      Tensor log = room(x);
      Tensor exact = f64(log);
      REFERENCE.softmax().logForward(f64(x), exact);
      kernels.softmax().logForward(x, log);
      agrees("logSoftmax", log, exact, 16 * 0x1p-21);
      Tensor gamma = bf16(1, n);
      Tensor beta = bf16(1, n);
      Tensor out = room(x);
      Tensor normal = room(x);
      Tensor rstd = scope.zeros(DType.BF16, Shape.of(3));
      Tensor normal64 = f64(normal);
      Tensor rstd64 = f64(rstd);
      REFERENCE.layerNorm().forward(f64(x), f64(gamma), f64(beta), 1e-3, exact, normal64, rstd64);
      kernels.layerNorm().forward(x, gamma, beta, 1e-3, out, normal, rstd);
      // A mean of numbers up to 6, times a factor up to 32.
      double lost = 6 * 32 * (8 + n / 16.0) * 0x1p-24;
      agrees("layerNorm", out, exact, lost);
      agrees("layerNorm normal", normal, normal64, lost);
      agrees("layerNorm rstd", rstd, rstd64, 32 * 0x1p-20);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void sumsAreRoundedOnceHoweverManyTerms(Kernels kernels) {
    Tensor x = bf16(1, 40, 5, 37);
    long[][] shapes = {{1, 1, 1}, {40, 5, 1}, {1, 5, 37}, {40, 1, 37}};
    for (Tensor seen : new Tensor[] {x, bf16(1, 37, 5, 40).permute(2, 1, 0)}) {
      for (long[] shape : shapes) {
        Tensor sum = bf16(1, shape);
        Tensor exact = f64(sum);
        Tensor sizes = sizes(sum);
        REFERENCE.reductions().addSum(0.5, f64(seen), exact);
        REFERENCE.reductions().addSum(0.5, sizes(seen), sizes);
        kernels.reductions().addSum(0.5, seen, sum);
        sums("addSum into " + sum, sum, exact, sizes, seen.elements() / sum.elements());
        Tensor most = room(sum);
        Tensor largest = f64(most);
        REFERENCE.reductions().extreme(true, f64(seen), largest);
        kernels.reductions().extreme(true, seen, most);
        same("max into " + sum, most, largest);
      }
      Tensor at = scope.zeros(DType.I64, Shape.of(40, 1, 37));
      Tensor expected = scope.zeros(DType.I64, at.shape());
      REFERENCE.reductions().argExtreme(false, f64(seen), 1, expected);
      kernels.reductions().argExtreme(false, seen, 1, at);
      same("argMin", at, expected);
    }
    assertThat(kernels.sum(x)).isCloseTo(REFERENCE.sum(f64(x)), within(7400 * 0x1p-24 * 7400));
  }

  @ParameterizedTest
  @MethodSource("providers")
  void poolingsAndChannelsAreRoundedOnce(Kernels kernels) {
    Window window = Window.of(3, 2).stride(2, 2).padding(1, 1);
    Tensor x = bf16(1, 2, 7, 6, 19);
    Tensor y = scope.zeros(DType.BF16, Shape.of(2, window.outH(7), window.outW(6), 19));
    Tensor exact = f64(y);
    REFERENCE.pooling().max(window, f64(x), exact);
    kernels.pooling().max(window, x, y);
    same("maxPool", y, exact);
    REFERENCE.pooling().average(window, false, f64(x), exact);
    kernels.pooling().average(window, false, x, y);
    agrees("averagePool", y, exact, 7 * 0x1p-24);
    REFERENCE.pooling().adaptiveAverage(f64(x), exact);
    kernels.pooling().adaptiveAverage(x, y);
    agrees("adaptiveAveragePool", y, exact, 13 * 0x1p-24);
    Tensor mean = bf16(1, 19);
    Tensor variance = positive(19);
    Tensor weight = bf16(1, 19);
    Tensor normal = room(x);
    Tensor normal64 = f64(normal);
    REFERENCE
        .normalization()
        .normalize(f64(x), f64(mean), f64(variance), f64(weight), null, 1e-5, normal64);
    kernels.normalization().normalize(x, mean, variance, weight, null, 1e-5, normal);
    agrees("normalize", normal, normal64, 8 * 0x1p-24);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void whatOnlyMovesKeepsItsBits(Kernels kernels) {
    Tensor table = bf16(1, 11, 19);
    Tensor indices = scope.ofLongs(Shape.of(2, 2), 3, 10, 0, 3);
    Tensor rows = scope.zeros(DType.BF16, Shape.of(2, 2, 19));
    kernels.embedding().forward(table, indices, rows);
    Tensor chosen = scope.zeros(DType.BF16, Shape.of(2, 2));
    kernels.indexing().gather(table, 1, indices, chosen);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 19; j++) {
        assertThat(rows.get(i * 19L + j)).isEqualTo(table.get(indices.getLong(i) * 19 + j));
      }
      assertThat(chosen.get(i)).isEqualTo(table.get(i / 2 * 19L + indices.getLong(i)));
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void anEncoderLayersOperatorsWorkWithoutGradients(Kernels kernels) {
    Tape tape = new Tape(kernels, scope);
    Tensor[] given = {bf16(1, 2, 3, 16), bf16(0.25, 24, 16), bf16(1, 24), bf16(1, 24), bf16(1, 24)};
    Variable[] half = Stream.of(given).map(tape::constant).toArray(Variable[]::new);
    Variable[] exact = Stream.of(given).map(t -> tape.constant(f64(t))).toArray(Variable[]::new);
    Tensor result = layer(half).value();
    Tensor expected = layer(exact).value();
    assertThat(result.dtype()).isEqualTo(DType.BF16);
    for (long i = 0; i < expected.elements(); i++) {
      // Nine roundings, each of a part of the result.
      assertThat(result.get(i)).isCloseTo(expected.get(i), within(9 * ROUNDING * 4));
    }
  }

  private static Variable layer(Variable[] v) {
    Variable hidden = v[0].linear(v[1], v[2]).gelu();
    Variable normal = hidden.add(v[2]).layerNorm(v[3], v[4], 1e-2);
    Variable turned = normal.transpose(1, 2).mul(2).relu().transpose(1, 2);
    Variable both = Variable.concat(1, turned, normal.narrow(1, 0, 1));
    return both.softmax().mul(v[3]).sum(false, 1);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void gradientsAreRefused(Kernels kernels) {
    Tensor x = bf16(1, 2, 3);
    refused(() -> kernels.softmax().backward(x, x, room(x)), "softmaxBackward: ");
    refused(() -> kernels.unaryBackward(Kernels.Unary.TANH, x, x, x, room(x)), "unaryBackward: ");
    refused(() -> kernels.axpy(1, x, room(x)), "axpy: ");
    Tensor image = bf16(1, 1, 2, 2, 1);
    Tensor weight = bf16(1, 1, 1, 1, 1);
    refused(
        () ->
            kernels
                .convolution()
                .backwardData(Window.of(1, 1), 1, image, weight, room(image), false),
        "convolutionBackwardData: ");
    Tape tape = new Tape(kernels, scope);
    Variable leaf = tape.leaf(x);
    refused(leaf::exp, "activation: ");
    try (var _ = tape.noGrad()) {
      assertThat(leaf.exp().requiresGradient()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void operandsOfTwoDtypesAreRefused(Kernels kernels) {
    Tensor x = bf16(1, 2, 3);
    Tensor wide = x.to(DType.F32, scope);
    Tensor out = room(x);
    assertThatThrownBy(() -> kernels.binary(Kernels.Binary.ADD, x, wide, out))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("b is F32 [2, 3], expected BF16");
    assertThatThrownBy(() -> kernels.softmax().forward(x, wide))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("out is F32 [2, 3], expected BF16");
  }

  private static void refused(Runnable call, String op) {
    assertThatThrownBy(call::run)
        .isInstanceOf(TensorException.class)
        .hasMessageStartingWith(op)
        .hasMessageContaining("BF16 is for inference and has no backward");
  }
}
