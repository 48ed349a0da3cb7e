package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Matrices.random;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Digests of what each kernel answers, to compare bits between kernels, compilers and processes.
 *
 * <p>As a program it prints the digest of the scalar and of the vector kernels, after as many
 * rounds as its argument says; each round must give the same one.
 */
final class KernelHashes {
  private KernelHashes() {}

  /** Sizes of one round: sequences, steps, hidden units, inner dimension, elements. */
  record Size(int n, int steps, int hidden, int inner, int elements) {}

  static List<Size> sizes(SplittableRandom random, int count) {
    List<Size> sizes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sizes.add(
          new Size(
              random.nextInt(1, 7),
              random.nextInt(1, 6),
              random.nextInt(1, 70),
              random.nextInt(1, 40),
              random.nextInt(1, 6000)));
    }
    return sizes;
  }

  static String of(Kernels kernels, Size size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder digest = new StringBuilder();
    try (Scope scope = new Scope(1 << 20)) {
      products(kernels, size, random, scope, digest);
      sequences(kernels, size, random, scope, digest);
      elements(kernels, size, random, scope, digest);
      rows(kernels, size, random, scope, digest);
      attention(kernels, size, random, scope, digest);
      recurrences(kernels, size, random, scope, digest);
      FamilyHashes.images(kernels, size, random, scope, digest);
      FamilyHashes.strided(kernels, size, random, scope, digest);
    }
    return digest.toString();
  }

  private static void products(
      Kernels kernels, Size s, SplittableRandom random, Memory memory, StringBuilder digest) {
    for (int flags = 0; flags < 8; flags++) {
      boolean ta = (flags & 1) != 0;
      boolean tb = (flags & 2) != 0;
      boolean accumulate = (flags & 4) != 0;
      int m = s.n * s.steps;
      int n = s.hidden;
      Tensor a = random(memory, DType.F32, random, 1, ta ? s.inner : m, ta ? m : s.inner);
      Tensor b = random(memory, DType.F32, random, 1, tb ? n : s.inner, tb ? s.inner : n);
      Tensor bias = random(memory, DType.F32, random, 1, n);
      Tensor out = random(memory, DType.F32, random, 1, m, n);
      kernels.matmul(a, ta, b, tb, accumulate ? null : bias, out, accumulate);
      add(digest, "matmul" + flags, out);
      kernels.addColumnSums(out, bias);
      add(digest, "columns", bias);
    }
  }

  private static void sequences(
      Kernels kernels, Size s, SplittableRandom random, Memory memory, StringBuilder digest) {
    Tensor gates = random(memory, DType.F32, random, 3, s.n, s.steps, 4L * s.hidden);
    Tensor weight = random(memory, DType.F32, random, 0.4, s.hidden, 4L * s.hidden);
    Tensor h0 = random(memory, DType.F32, random, 1, s.n, s.hidden);
    Tensor c0 = random(memory, DType.F32, random, 1, s.n, s.hidden);
    Tensor h = memory.empty(DType.F32, Shape.of(s.n, s.steps, s.hidden));
    Tensor c = memory.empty(DType.F32, Shape.of(s.n, s.steps, s.hidden));
    Tensor dh = random(memory, DType.F32, random, 1, s.n, s.steps, s.hidden);
    Tensor dWeight = random(memory, DType.F32, random, 1, s.hidden, 4L * s.hidden);
    Tensor dh0 = memory.zeros(DType.F32, h0.shape());
    Tensor dc0 = random(memory, DType.F32, random, 1, s.n, s.hidden);
    kernels.lstmForward(gates, weight, h0, c0, h, c);
    add(digest, "lstm", gates, h, c);
    kernels.lstmBackward(gates, weight, h0, c0, h, c, dh, dWeight, dh0, dc0);
    add(digest, "lstmBackward", gates, dh, dWeight, dh0, dc0);
  }

  private static void elements(
      Kernels kernels, Size s, SplittableRandom random, Memory memory, StringBuilder digest) {
    Tensor x = random(memory, DType.F32, random, 90, s.elements);
    Tensor y = memory.empty(DType.F32, x.shape());
    Tensor dx = random(memory, DType.F32, random, 1, s.elements);
    for (Kernels.Unary f : Kernels.Unary.values()) {
      kernels.unary(f, x, y);
      kernels.unaryBackward(f, x, y, x, dx);
      add(digest, f.name(), y, dx);
    }
    for (Activations.Function f : Activations.Function.values()) {
      kernels.activations().forward(f, x, y);
      kernels.activations().backward(f, x, x, dx);
      add(digest, f.name(), y, dx);
    }
    kernels.activations().leakyRelu(0.3, x, y);
    kernels.activations().leakyReluBackward(0.3, x, y, dx);
    add(digest, "leakyRelu", y, dx);
    for (Kernels.Binary f : Kernels.Binary.values()) {
      kernels.binary(f, x, dx, y);
      add(digest, f.name(), y);
    }
    kernels.axpy(0.3, x, y);
    kernels.scale(0.7, y);
    add(digest, "axpy", y);
    digest.append(" sum ").append(Double.doubleToLongBits(kernels.sum(x)));
    digest.append(" squares ").append(Double.doubleToLongBits(kernels.sumOfSquares(x)));
    Tensor m = random(memory, DType.F32, random, 1, s.elements);
    Tensor v = memory.empty(DType.F32, x.shape());
    kernels.unary(Kernels.Unary.SQUARE, m, v);
    kernels.adam(x, m, m, v, new Kernels.AdamStep(0.01, 0.9, 0.999, 1e-8, 0.1, 0.01, 0.3));
    add(digest, "adam", x, m, v);
    var decaying = new Kernels.AdamStep(0.01, 0.9, 0.999, 1e-8, 0.1, 0.01, 0.3, 0.2, 0.9);
    kernels.adam(dx, x, m, v, decaying);
    add(digest, "adam with decay", dx, m, v);
    for (boolean nesterov : new boolean[] {false, true}) {
      var step = new Kernels.SgdStep(0.1, 0.9, 0.8, nesterov, 0.3, 0.5);
      kernels.sgd(dx, x, m, step);
      kernels.sgd(y, x, null, step);
      add(digest, "sgd", dx, m, y);
    }
    kernels.clip(0.3, x);
    add(digest, "clip", x);
  }

  private static void rows(
      Kernels kernels, Size s, SplittableRandom random, Memory memory, StringBuilder digest) {
    Tensor x = random(memory, DType.F32, random, 9, s.n, s.hidden);
    Tensor dy = random(memory, DType.F32, random, 1, s.n, s.hidden);
    Tensor y = memory.empty(DType.F32, x.shape());
    Tensor dx = random(memory, DType.F32, random, 1, s.n, s.hidden);
    kernels.softmax().forward(x, y);
    kernels.softmax().backward(y, dy, dx);
    add(digest, "softmax", y, dx);
    kernels.softmax().logForward(x, y);
    kernels.softmax().logBackward(y, dy, dx);
    add(digest, "logSoftmax", y, dx);
    Tensor gamma = random(memory, DType.F32, random, 1, s.hidden);
    Tensor beta = random(memory, DType.F32, random, 1, s.hidden);
    Tensor normal = memory.empty(DType.F32, x.shape());
    Tensor rstd = memory.empty(DType.F32, Shape.of(s.n));
    kernels.layerNorm().forward(x, gamma, beta, 1e-5, y, normal, rstd);
    kernels.layerNorm().backward(normal, rstd, gamma, dy, dx);
    kernels.layerNorm().backwardParameters(normal, dy, gamma, beta);
    add(digest, "layerNorm", y, normal, rstd, dx, gamma, beta);
  }

  private static void attention(
      Kernels kernels, Size s, SplittableRandom random, Memory memory, StringBuilder digest) {
    long e = 2L * s.inner;
    Tensor packed = random(memory, DType.F32, random, 1, s.n, s.hidden, 3 * e);
    Tensor slopes = random(memory, DType.F32, random, 1, s.n, s.hidden, 3 * e);
    Tensor dOut = random(memory, DType.F32, random, 1, s.n, s.hidden, e);
    Tensor out = memory.empty(DType.F32, dOut.shape());
    Tensor weights = memory.empty(DType.F32, Shape.of(s.n, 2, s.hidden, s.hidden));
    Tensor work = memory.empty(DType.F32, Shape.of(2, 2, s.hidden, s.hidden));
    var form = new Attention.Form(2, 0.3, Attention.Mask.CAUSAL);
    var q = new Attention.Operand(packed, 0);
    var k = new Attention.Operand(packed, e);
    var v = new Attention.Operand(packed, 2 * e);
    kernels.attention().forward(form, q, k, v, null, weights, work, out);
    var dq = new Attention.Operand(slopes, 0);
    var dk = new Attention.Operand(slopes, e);
    var dv = new Attention.Operand(slopes, 2 * e);
    kernels.attention().backward(form, q, k, v, null, weights, work, dOut, dq, dk, dv);
    add(digest, "attention", out, weights, slopes);
  }

  private static void recurrences(
      Kernels kernels, Size s, SplittableRandom random, Memory memory, StringBuilder digest) {
    Tensor lengths = random(memory, DType.F32, random, 1, s.n);
    for (int i = 0; i < s.n; i++) {
      lengths.set(i, random.nextInt(s.steps + 1));
    }
    Tensor h0 = random(memory, DType.F32, random, 1, s.n, s.hidden);
    Tensor dh0 = memory.empty(DType.F32, h0.shape());
    Tensor h = memory.empty(DType.F32, Shape.of(s.n, s.steps, s.hidden));
    for (int parts : new int[] {1, 3}) {
      long width = (long) parts * s.hidden;
      Tensor gates = random(memory, DType.F32, random, 3, s.n, s.steps, width);
      Tensor weight = random(memory, DType.F32, random, 0.4, s.hidden, width);
      Tensor dWeight = random(memory, DType.F32, random, 1, s.hidden, width);
      Tensor dh = random(memory, DType.F32, random, 1, s.n, s.steps, s.hidden);
      if (parts == 1) {
        var f = Recurrent.Activation.TANH;
        kernels.recurrent().rnnForward(f, gates, weight, h0, lengths, h);
        add(digest, "rnn", h);
        kernels.recurrent().rnnBackward(f, gates, weight, h0, lengths, h, dh, dWeight, dh0);
        add(digest, "rnnBackward", gates, dh, dWeight, dh0);
      } else {
        Tensor bias = random(memory, DType.F32, random, 1, width);
        Tensor inner = memory.empty(DType.F32, gates.shape());
        kernels.recurrent().gruForward(gates, inner, weight, bias, h0, lengths, h);
        add(digest, "gru", h);
        kernels.recurrent().gruBackward(gates, inner, weight, h0, lengths, h, dh, dWeight, dh0);
        add(digest, "gruBackward", gates, inner, dh, dWeight, dh0);
      }
    }
  }

  static void add(StringBuilder digest, String kernel, Tensor... results) {
    digest.append(' ').append(kernel);
    for (Tensor result : results) {
      long hash = 7;
      for (float value : result.toFloats()) {
        hash = hash * 0x9E3779B97F4A7C15L + Float.floatToIntBits(value); // any NaN is a NaN
      }
      digest.append(' ').append(Long.toHexString(hash));
    }
  }

  public static void main(String[] arguments) {
    Kernels scalar = KernelProviders.byName("scalar").kernels();
    Kernels vector = VectorKernelProvider.Vectors.KERNELS; // also where it would refuse
    Size size = new Size(2, 3, 37, 5, 600);
    String first = of(scalar, size, 1);
    for (int round = 0; round < Integer.parseInt(arguments[0]); round++) {
      if (!of(scalar, size, 1).equals(first) || !of(vector, size, 1).equals(first)) {
        System.out.println("round " + round + " differs:");
        System.out.println("first " + first);
        System.out.println("scalar" + of(scalar, size, 1));
        System.out.println("vector" + of(vector, size, 1));
        return;
      }
    }
    System.out.println("same " + first);
  }
}
