package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.KernelHashes.add;
import static dev.nagare.tensor.kernel.Matrices.random;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.SplittableRandom;

/** The part of {@link KernelHashes} that is about images and operands in any strides. */
final class FamilyHashes {
  private FamilyHashes() {}

  static void images(
      Kernels kernels,
      KernelHashes.Size s,
      SplittableRandom random,
      Memory memory,
      StringBuilder digest) {
    Window window = Window.of(3, 3).stride(2, 1).padding(1, 1);
    int channels = Math.min(s.hidden(), 18); // a vector and a rest; the interpreter is slow
    for (int groups : new int[] {1, channels}) {
      Tensor x = random(memory, DType.F32, random, 1, s.n(), 4, 5, channels);
      Tensor weight = random(memory, DType.F32, random, 1, channels, channels / groups, 3, 3);
      Tensor bias = random(memory, DType.F32, random, 1, channels);
      Tensor y = memory.empty(DType.F32, Shape.of(s.n(), 2, 5, channels));
      kernels.convolution().forward(window, groups, x, weight, bias, y);
      add(digest, "convolution", y);
      kernels.convolution().backwardData(window, groups, y, weight, x, groups == 1);
      kernels.convolution().backwardWeights(window, groups, x, y, weight, bias);
      add(digest, "convolutionBackward", x, weight, bias);
      Tensor dy = random(memory, DType.F32, random, 1, y.shape().toArray());
      Tensor dx = memory.zeros(DType.F32, x.shape());
      poolings(kernels.pooling(), window, x, y, dy, dx, digest);
      normalization(kernels.normalization(), x, memory, random, digest);
    }
  }

  private static void poolings(
      Pooling pooling,
      Window window,
      Tensor x,
      Tensor y,
      Tensor dy,
      Tensor dx,
      StringBuilder digest) {
    pooling.max(window, x, y);
    add(digest, "maxPool", y);
    pooling.maxBackward(window, x, y, dy, dx);
    add(digest, "maxPoolBackward", dx);
    pooling.average(window, true, x, y);
    add(digest, "averagePool", y);
    pooling.averageBackward(window, false, y, x);
    add(digest, "averagePoolBackward", x);
    pooling.adaptiveAverage(x, y);
    pooling.adaptiveAverageBackward(y, x);
    add(digest, "adaptiveAveragePool", y, x);
  }

  private static void normalization(
      Normalization norm, Tensor x, Memory memory, SplittableRandom random, StringBuilder digest) {
    long channels = x.dim(3);
    Tensor mean = memory.empty(DType.F32, Shape.of(channels));
    Tensor variance = memory.empty(DType.F32, Shape.of(channels));
    Tensor weight = random(memory, DType.F32, random, 1, channels);
    Tensor bias = random(memory, DType.F32, random, 1, channels);
    Tensor y = memory.empty(DType.F32, x.shape());
    Tensor dx = random(memory, DType.F32, random, 1, x.shape().toArray());
    Tensor up = random(memory, DType.F32, random, 1, x.shape().toArray());
    norm.statistics(x, mean, variance);
    norm.normalize(x, mean, variance, weight, bias, 1e-5, y);
    add(digest, "normalize", mean, variance, y);
    for (boolean accumulate : new boolean[] {false, true}) {
      norm.backward(x, mean, variance, weight, 1e-5, true, up, dx, accumulate, bias, mean);
      add(digest, "normalizeBackward", dx, bias, mean);
    }
  }

  static void strided(
      Kernels kernels,
      KernelHashes.Size s,
      SplittableRandom random,
      Memory memory,
      StringBuilder digest) {
    Tensor a = random(memory, DType.F32, random, 2, s.n(), s.steps(), s.hidden());
    Tensor[] others = {
      random(memory, DType.F32, random, 2, s.n(), s.steps(), s.hidden()),
      random(memory, DType.F32, random, 2, s.hidden()),
      random(memory, DType.F32, random, 2, s.n(), 1, 1),
      random(memory, DType.F32, random, 2, s.hidden(), s.steps(), s.n()).permute(2, 1, 0)
    };
    Tensor out = memory.empty(DType.F32, a.shape());
    Tensor up = random(memory, DType.F32, random, 1, s.n(), s.steps(), s.hidden());
    for (Pointwise.Function f : Pointwise.Function.values()) {
      for (Tensor b : others) {
        kernels.pointwise().binary(f, a, b, out);
        add(digest, f.op(), out);
        kernels.pointwise().binary(f, b, a, out);
        add(digest, f.op(), out);
        if (f != Pointwise.Function.SAME) {
          kernels.pointwise().slope(f, true, a, b, up, out);
          add(digest, f.op() + "Slope", out);
        }
      }
    }
    for (Pointwise.Single f : Pointwise.Single.values()) {
      kernels.pointwise().unary(f, a, out);
      kernels.pointwise().unaryBackward(f, a, out, up, others[0]);
      add(digest, f.name(), out, others[0]);
    }
    kernels.pointwise().clamp(-0.5, 1, a, out);
    add(digest, "clamp", out);
    kernels.pointwise().linear(-0.7, 0.3, a, out);
    add(digest, "linear", out);
    reductions(kernels.reductions(), a, memory, digest);
  }

  private static void reductions(
      Reductions reductions, Tensor x, Memory memory, StringBuilder digest) {
    long[][] shapes = {
      {1, 1, 1}, {x.dim(0), x.dim(1), 1}, {x.dim(0), 1, x.dim(2)}, {1, x.dim(1), x.dim(2)}
    };
    for (long[] shape : shapes) {
      Tensor sum = memory.zeros(DType.F32, Shape.of(shape));
      reductions.addSum(0.3, x, sum);
      reductions.addSum(1, x.transpose(0, 1), sum.transpose(0, 1));
      Tensor most = memory.empty(DType.F32, Shape.of(shape));
      reductions.extreme(true, x, most);
      Tensor least = memory.empty(DType.F32, Shape.of(shape));
      reductions.extreme(false, x, least);
      add(digest, "reductions", sum, most, least);
    }
    Tensor where = memory.empty(DType.I64, Shape.of(x.dim(0), x.dim(1), 1));
    reductions.argExtreme(true, x, 2, where);
    Tensor floats = memory.empty(DType.F32, where.shape());
    for (long i = 0; i < where.elements(); i++) {
      floats.set(i, where.get(i));
    }
    add(digest, "argMax", floats);
  }
}
