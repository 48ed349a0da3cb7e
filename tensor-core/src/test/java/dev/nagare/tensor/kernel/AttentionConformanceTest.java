package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Matrices.elements;
import static dev.nagare.tensor.kernel.Matrices.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Attention.Form;
import dev.nagare.tensor.kernel.Attention.Mask;
import dev.nagare.tensor.kernel.Attention.Operand;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention of every provider against plain loops in f64. */
class AttentionConformanceTest {
  /** Sequences, queries, keys, heads, features of a head; the last three reach oneDNN. */
  private static final int[][] SIZES = {
    {1, 1, 1, 1, 1},
    {2, 3, 5, 2, 3},
    {2, 1, 9, 3, 4},
    {3, 20, 20, 4, 16},
    {2, 33, 17, 2, 32},
    {2, 64, 64, 2, 8}
  };

  private final SplittableRandom random = new SplittableRandom(20261126);
  private final Scope scope = new Scope(1 << 22);

  @AfterEach
  void close() {
    scope.close();
  }

  static Stream<Arguments> providers() {
    return Stream.of("scalar", "vector", "onednn")
        .flatMap(
            name ->
                Stream.of(DType.F32, DType.F64)
                    .map(dtype -> Arguments.of(KernelProviders.byName(name).kernels(), dtype)));
  }

  /** Operands of a case, packed as q | k | v in rows of 3E + 2, and what comes out. */
  private final class Case {
    final int n;
    final int queries;
    final int keys;
    final int heads;
    final int features;
    final long e;
    final DType dtype;
    final Operand q;
    final Operand k;
    final Operand v;
    final Tensor weights;
    final Tensor work;
    final Tensor out;
    final Tensor dOut;
    final Operand dq;
    final Operand dk;
    final Operand dv;
    Mask mask = Mask.NONE;
    @Nullable Tensor keep;

    Case(DType dtype, int[] size) {
      this.dtype = dtype;
      n = size[0];
      queries = size[1];
      keys = size[2];
      heads = size[3];
      features = size[4];
      e = (long) heads * features;
      q = new Operand(random(scope, dtype, random, 2, n, queries, e + 2), 1);
      Tensor packed = random(scope, dtype, random, 2, n, keys, 2 * e + 1);
      k = new Operand(packed, 0);
      v = new Operand(packed, e + 1);
      weights = scope.empty(dtype, Shape.of(n, heads, queries, keys));
      work = scope.empty(dtype, Shape.of(2, heads, queries, keys));
      out = scope.empty(dtype, Shape.of(n, queries, e));
      dOut = random(scope, dtype, random, 1, n, queries, e);
      dq = new Operand(random(scope, dtype, random, 1, n, queries, e + 2), 1);
      Tensor gradients = random(scope, dtype, random, 1, n, keys, 2 * e + 1);
      dk = new Operand(gradients, 0);
      dv = new Operand(gradients, e + 1);
    }

    Form form() {
      return new Form(heads, 1 / Math.sqrt(features), mask);
    }

    void forward(Kernels kernels) {
      kernels.attention().forward(form(), q, k, v, keep, weights, work, out);
    }

    void backward(Kernels kernels) {
      kernels.attention().backward(form(), q, k, v, keep, weights, work, dOut, dq, dk, dv);
    }

    double get(Operand x, int sequence, int step, int head, int feature) {
      long width = x.rows().dim(2);
      long row = ((long) sequence * x.rows().dim(1) + step) * width;
      return x.rows().get(row + x.column() + (long) head * features + feature);
    }

    boolean allowed(int sequence, int i, int j) {
      Tensor lengths = mask.lengths();
      return (!mask.causal() || j <= i) && (lengths == null || j < lengths.get(sequence));
    }

    double added(int sequence, int head, int i, int j) {
      Tensor added = mask.added();
      if (added == null) {
        return 0;
      }
      long at = (long) i * keys + j;
      if (added.shape().rank() == 4) {
        long first = added.dim(0) == 1 ? 0 : sequence;
        long second = added.dim(1) == 1 ? 0 : head;
        at += (first * added.dim(1) + second) * queries * keys;
      }
      return added.get(at);
    }

    /** Softmax of a query's scores, plainly. */
    double[] weights(int sequence, int head, int i) {
      double[] w = new double[keys];
      double sum = 0;
      for (int j = 0; j < keys; j++) {
        double score = added(sequence, head, i, j);
        for (int d = 0; d < features; d++) {
          score +=
              get(q, sequence, i, head, d) * get(k, sequence, j, head, d) / Math.sqrt(features);
        }
        w[j] = allowed(sequence, i, j) ? Math.exp(score) : 0;
        sum += w[j];
      }
      for (int j = 0; j < keys && sum > 0; j++) {
        w[j] /= sum;
      }
      return w;
    }

    double kept(int sequence, int head, int i, int j) {
      return keep == null
          ? 1
          : keep.get((((long) sequence * heads + head) * queries + i) * keys + j);
    }

    double up(int sequence, int i, int head, int d) {
      return get(new Operand(dOut, 0), sequence, i, head, d);
    }
  }

  /** Sums of at most 64 terms of size 4, through an exponential, to a few dozen roundings. */
  private static double bound(DType dtype) {
    return dtype == DType.F32 ? 2e-5 : 1e-13;
  }

  private void compare(Kernels kernels, Case c) {
    double[][] before = {
      elements(c.dq.rows()), elements(c.dk.rows()),
    };
    c.forward(kernels);
    c.backward(kernels);
    double[] queries = before[0];
    double[] both = before[1];
    for (int n = 0; n < c.n; n++) {
      for (int h = 0; h < c.heads; h++) {
        for (int i = 0; i < c.queries; i++) {
          double[] w = c.weights(n, h, i);
          double[] slopes = new double[c.keys];
          double dot = 0;
          for (int j = 0; j < c.keys; j++) {
            for (int d = 0; d < c.features; d++) {
              slopes[j] += c.up(n, i, h, d) * c.get(c.v, n, j, h, d) * c.kept(n, h, i, j);
            }
            dot += slopes[j] * w[j];
          }
          for (int d = 0; d < c.features; d++) {
            double result = 0;
            for (int j = 0; j < c.keys; j++) {
              double kept = w[j] * c.kept(n, h, i, j);
              result += kept * c.get(c.v, n, j, h, d);
              double slope = w[j] * (slopes[j] - dot) / Math.sqrt(c.features);
              int key = (n * c.keys + j) * (2 * (int) c.e + 1) + h * c.features + d;
              both[key + (int) c.e + 1] += kept * c.up(n, i, h, d);
              both[key] += slope * c.get(c.q, n, i, h, d);
              queries[(n * c.queries + i) * ((int) c.e + 2) + 1 + h * c.features + d] +=
                  slope * c.get(c.k, n, j, h, d);
            }
            assertThat(c.get(new Operand(c.out, 0), n, i, h, d))
                .as("out %s %s %s %s", n, i, h, d)
                .isCloseTo(result, within(bound(c.dtype)));
          }
        }
      }
    }
    double[] dq = elements(c.dq.rows());
    double[] dkv = elements(c.dk.rows());
    for (int i = 0; i < dq.length; i++) {
      assertThat(dq[i]).as("dq %s", i).isCloseTo(queries[i], within(4 * bound(c.dtype)));
    }
    for (int i = 0; i < dkv.length; i++) {
      assertThat(dkv[i]).as("dk, dv %s", i).isCloseTo(both[i], within(16 * bound(c.dtype)));
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void attentionFollowsItsFormulaForPackedOperands(Kernels kernels, DType dtype) {
    for (int[] size : SIZES) {
      compare(kernels, new Case(dtype, size));
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void masksOfEveryKindAreFollowedAndMayMeet(Kernels kernels, DType dtype) {
    for (int[] size : SIZES) {
      Case c = new Case(dtype, size);
      c.mask = Mask.CAUSAL;
      compare(kernels, c);
      Tensor lengths = scope.empty(DType.F64, Shape.of(c.n));
      for (int i = 0; i < c.n; i++) {
        lengths.set(i, i == 0 ? 0 : c.keys - i + 1);
      }
      c.mask = Mask.NONE.withLengths(lengths);
      compare(kernels, c);
      long[][] shapes = {
        {c.queries, c.keys},
        {1, c.heads, c.queries, c.keys},
        {c.n, 1, c.queries, c.keys},
        {c.n, c.heads, c.queries, c.keys}
      };
      for (long[] shape : shapes) {
        Tensor added = random(scope, dtype, random, 2, shape);
        for (int i = 0; i < added.elements(); i += 3) {
          added.set(i, Double.NEGATIVE_INFINITY);
        }
        c.mask = Mask.NONE.withAdded(added);
        compare(kernels, c);
        c.mask = Mask.CAUSAL.withAdded(added).withLengths(lengths);
        compare(kernels, c);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void weightsThatAreLeftOutCountNeitherForwardNorBackward(Kernels kernels, DType dtype) {
    for (int[] size : SIZES) {
      Case c = new Case(dtype, size);
      c.keep = scope.empty(dtype, c.weights.shape());
      for (int i = 0; i < c.keep.elements(); i++) {
        c.keep.set(i, random.nextInt(4) == 0 ? 0 : 4 / 3.0);
      }
      compare(kernels, c);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aQueryThatMayAttendToNothingHasZerosAndGivesNoGradient(Kernels kernels, DType dtype) {
    Case c = new Case(dtype, SIZES[3]);
    boolean[] nothing = new boolean[c.queries * c.keys];
    c.mask = Mask.NONE.withAllowed(scope, dtype, nothing, c.queries, c.keys);
    double[] dq = elements(c.dq.rows());
    double[] dk = elements(c.dk.rows());
    c.forward(kernels);
    c.backward(kernels);
    assertThat(elements(c.out)).containsOnly(0);
    assertThat(elements(c.dq.rows())).isEqualTo(dq);
    assertThat(elements(c.dk.rows())).isEqualTo(dk);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void whatIsNoNumberIsNotHiddenByAMask(Kernels kernels, DType dtype) {
    Case c = new Case(dtype, SIZES[1]);
    for (int i = 0; i < c.q.rows().elements(); i++) {
      c.q.rows().set(i, Double.NaN);
    }
    c.forward(kernels);
    assertThat(elements(c.out)).containsOnly(Double.NaN);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void aSequencesBitsDoNotDependOnTheOthers(Kernels kernels, DType dtype) {
    for (int[] size : SIZES) {
      Case c = new Case(dtype, size);
      double[] before = elements(c.dk.rows());
      c.forward(kernels);
      c.backward(kernels);
      for (int i = 0; i < c.n; i++) {
        Case one = new Case(dtype, new int[] {1, c.queries, c.keys, c.heads, c.features});
        one.q.rows().copyFrom(c.q.rows().narrow(i, 1));
        one.k.rows().copyFrom(c.k.rows().narrow(i, 1));
        one.dOut.copyFrom(c.dOut.narrow(i, 1));
        int length = (int) one.dk.rows().elements();
        for (int j = 0; j < length; j++) {
          one.dk.rows().set(j, before[i * length + j]);
        }
        one.forward(kernels);
        one.backward(kernels);
        assertThat(elements(one.out)).isEqualTo(elements(c.out.narrow(i, 1)));
        assertThat(elements(one.dk.rows())).isEqualTo(elements(c.dk.rows().narrow(i, 1)));
      }
    }
  }

  @Test
  void scalarAndVectorAttentionHaveTheSameBits() {
    for (int[] size : SIZES) {
      Case c = new Case(DType.F32, size);
      c.mask = Mask.CAUSAL;
      Tensor[] start = {scope.copyOf(c.dq.rows()), scope.copyOf(c.dk.rows())};
      c.forward(KernelProviders.byName("scalar").kernels());
      c.backward(KernelProviders.byName("scalar").kernels());
      double[][] scalar = {elements(c.out), elements(c.dq.rows()), elements(c.dk.rows())};
      c.dq.rows().copyFrom(start[0]);
      c.dk.rows().copyFrom(start[1]);
      c.forward(KernelProviders.byName("vector").kernels());
      c.backward(KernelProviders.byName("vector").kernels());
      double[][] vector = {elements(c.out), elements(c.dq.rows()), elements(c.dk.rows())};
      assertThat(vector).isDeepEqualTo(scalar);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void whatDoesNotFitIsRefused(Kernels kernels, DType dtype) {
    Case c = new Case(dtype, SIZES[1]);
    refused(
        () ->
            kernels
                .attention()
                .forward(new Form(4, 1, c.mask), c.q, c.k, c.v, null, c.weights, c.work, c.out),
        "attention: expected E a multiple of 4 heads");
    refused(
        () ->
            kernels
                .attention()
                .forward(
                    c.form(), new Operand(c.q.rows(), 3), c.k, c.v, null, c.weights, c.work, c.out),
        "attention: q has shape [2, 3, 8], expected [2, 3, 6] or more columns");
    refused(
        () -> kernels.attention().forward(c.form(), c.q, c.k, c.v, null, c.work, c.work, c.out),
        "attention: work",
        "overlaps weights");
    c.mask = Mask.NONE.withLengths(scope.zeros(DType.F64, Shape.of(3)));
    refused(() -> c.forward(kernels), "lengths have shape [3], expected [2]");
    Tensor lengths = scope.zeros(DType.F64, Shape.of(2));
    lengths.set(0, 6);
    c.mask = Mask.NONE.withLengths(lengths);
    refused(() -> c.forward(kernels), "expected lengths from 0 to 5, got 6");
    c.mask = Mask.NONE.withAdded(scope.zeros(dtype, Shape.of(5, 3)));
    refused(() -> c.forward(kernels), "the mask has shape [5, 3]", "[2, 2, 3, 5]");
    refused(
        () -> Mask.NONE.withAllowed(scope, dtype, new boolean[3], 2, 2),
        "3 truth values do not fit [2, 2]");
  }

  private static void refused(Runnable call, String... words) {
    assertThatThrownBy(call::run)
        .isInstanceOf(TensorException.class)
        .hasMessageContainingAll(words);
  }
}
