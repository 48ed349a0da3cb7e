package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Matrices.random;
import static org.assertj.core.api.Assertions.assertThat;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The vector kernels have the bits of the scalar ones, whatever the sizes. */
class SameBitsTest {
  private static final Kernels SCALAR = KernelProviders.byName("scalar").kernels();
  private static final Kernels VECTOR = KernelProviders.byName("vector").kernels();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void hashesOfAllKernelsAreEqual(long seed) {
    System.out.println("SameBitsTest seed " + seed);
    for (KernelHashes.Size size : KernelHashes.sizes(new SplittableRandom(seed), 12)) {
      assertThat(KernelHashes.of(VECTOR, size, seed))
          .as("%s", size)
          .isEqualTo(KernelHashes.of(SCALAR, size, seed));
    }
  }

  @Test
  void functionsAgreeOnExtremes() {
    float[] sizes = {
      0,
      Float.MIN_VALUE,
      Float.MIN_NORMAL,
      1e-20f,
      0.3f,
      1,
      9.1f,
      10.1f,
      20,
      86.9f,
      87.1f,
      88.72f,
      88.73f,
      89,
      103.9f,
      104.1f,
      1e10f,
      Float.MAX_VALUE,
      Float.POSITIVE_INFINITY,
      Float.NaN
    };
    float[] extremes = new float[2 * sizes.length];
    for (int i = 0; i < sizes.length; i++) {
      extremes[2 * i] = sizes[i];
      extremes[2 * i + 1] = -sizes[i];
    }
    try (Scope scope = new Scope(1 << 16)) {
      Tensor x = scope.of(Shape.of(extremes.length), extremes);
      for (Kernels.Unary f : Kernels.Unary.values()) {
        Tensor one = scope.zeros(DType.F32, x.shape());
        Tensor two = scope.zeros(DType.F32, x.shape());
        SCALAR.unary(f, x, one);
        VECTOR.unary(f, x, two);
        assertThat(bits(two)).as("%s", f).isEqualTo(bits(one));
      }
      for (Activations.Function f : Activations.Function.values()) {
        Tensor one = scope.zeros(DType.F32, x.shape());
        Tensor two = scope.zeros(DType.F32, x.shape());
        SCALAR.activations().forward(f, x, one);
        VECTOR.activations().forward(f, x, two);
        assertThat(bits(two)).as("%s", f).isEqualTo(bits(one));
        Tensor dOne = scope.zeros(DType.F32, x.shape());
        Tensor dTwo = scope.zeros(DType.F32, x.shape());
        SCALAR.activations().backward(f, x, x, dOne);
        VECTOR.activations().backward(f, x, x, dTwo);
        assertThat(bits(dTwo)).as("%s slope", f).isEqualTo(bits(dOne));
      }
    }
  }

  @Test
  void functionsAgreeOnAMillionArguments() {
    SplittableRandom random = new SplittableRandom(7);
    try (Scope scope = new Scope(1 << 24)) {
      Tensor x = random(scope, DType.F32, random, 120, 1 << 20);
      Tensor one = scope.empty(DType.F32, x.shape());
      Tensor two = scope.empty(DType.F32, x.shape());
      for (Kernels.Unary f : Kernels.Unary.values()) {
        SCALAR.unary(f, x, one);
        VECTOR.unary(f, x, two);
        assertThat(one.segment().mismatch(two.segment())).as("%s", f).isEqualTo(-1);
      }
      Tensor dy = random(scope, DType.F32, random, 1, 1 << 20);
      for (Activations.Function f : Activations.Function.values()) {
        SCALAR.activations().forward(f, x, one);
        VECTOR.activations().forward(f, x, two);
        assertThat(one.segment().mismatch(two.segment())).as("%s", f).isEqualTo(-1);
        SCALAR.activations().backward(f, x, dy, one);
        VECTOR.activations().backward(f, x, dy, two);
        assertThat(one.segment().mismatch(two.segment())).as("%s slope", f).isEqualTo(-1);
      }
    }
  }

  private static int[] bits(Tensor tensor) {
    float[] values = tensor.toFloats();
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
    return bits;
  }
}
