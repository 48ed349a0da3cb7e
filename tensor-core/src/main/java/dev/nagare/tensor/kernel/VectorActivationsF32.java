package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.ONE;
import static dev.nagare.tensor.kernel.VectorMath.ZERO;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * F32 activations over vectors, with the bits of {@link ScalarActivationsF32}.
 *
 * <p>GELU is two loops, with the exponentials of a block in scratch between them: in one it was
 * more than C2 inlines, and 524,288 elements took 804 µs and left 3 MB on the heap (EPYC, AVX-512,
 * 2026-11-25).
 */
final class VectorActivationsF32 implements ActivationLoops {
  private static final int LANES = FLOATS.length();

  /** Elements of a block, a multiple of any width: 8 KiB, which stay in the nearest cache. */
  private static final long BLOCK = 2048;

  private static final LoopUnit BELLS = unit("bells");
  private static final LoopUnit GELU = unit("gelu");
  private static final LoopUnit GELU_SLOPE = unit("geluSlope");
  private static final LoopUnit GELU_TANH = unit("geluTanh");
  private static final LoopUnit GELU_TANH_SLOPE = unit("geluTanhSlope");
  private static final LoopUnit SILU = unit("silu");
  private static final LoopUnit SILU_SLOPE = unit("siluSlope");
  private static final LoopUnit HARD_SWISH = unit("hardSwish");
  private static final LoopUnit HARD_SWISH_SLOPE = unit("hardSwishSlope");
  private static final LoopUnit LEAKY_RELU = unit("leaky");
  private static final LoopUnit LEAKY_RELU_SLOPE = unit("leakySlope");

  private static final FloatVector DENSITY = all(NormalF32.DENSITY);
  private static final FloatVector LINEAR = all(ScalarActivationsF32.LINEAR);
  private static final FloatVector CUBIC = all(ScalarActivationsF32.CUBIC);
  private static final FloatVector SLOPE_CUBIC = all(ScalarActivationsF32.SLOPE_CUBIC);
  private static final FloatVector FLAT = all(ScalarActivationsF32.FLAT);
  private static final FloatVector MINUS_FLAT = all(-ScalarActivationsF32.FLAT);
  private static final FloatVector HALF = all(0.5f);
  private static final FloatVector THIRD = all(ScalarActivationsF32.THIRD);
  private static final FloatVector SIXTH = all(ScalarActivationsF32.SIXTH);
  private static final FloatVector THREE = all(3);
  private static final FloatVector MINUS_THREE = all(-3);
  private static final FloatVector SIX = all(6);

  private final ScalarActivationsF32 rest = new ScalarActivationsF32();

  private static LoopUnit unit(String name) {
    return new LoopUnit(MethodHandles.lookup(), name);
  }

  @Override
  public void forward(Activations.Function f, long x, long y, long n) {
    long whole = n - n % LANES;
    switch (f) {
      case GELU -> geluInBlocks(x, y, whole);
      case GELU_TANH -> GELU_TANH.run(x, y, whole);
      case SILU -> SILU.run(x, y, whole);
      case HARD_SWISH -> HARD_SWISH.run(x, y, whole);
    }
    rest.forward(f, x, y, whole, n);
  }

  @Override
  public void backward(Activations.Function f, long x, long dy, long dx, long n) {
    long whole = n - n % LANES;
    switch (f) {
      case GELU -> geluSlopeInBlocks(x, dy, dx, whole);
      case GELU_TANH -> GELU_TANH_SLOPE.run(x, dy, dx, whole);
      case SILU -> SILU_SLOPE.run(x, dy, dx, whole);
      case HARD_SWISH -> HARD_SWISH_SLOPE.run(x, dy, dx, whole);
    }
    rest.backward(f, x, dy, dx, whole, n);
  }

  private static void geluInBlocks(long x, long y, long n) {
    long bells = Scratch.ofThread().bytes(4 * BLOCK).address();
    for (long i = 0; i < n; i += BLOCK) {
      long size = Math.min(BLOCK, n - i);
      BELLS.run(x + 4 * i, bells, size);
      GELU.run(x + 4 * i, bells, y + 4 * i, size);
    }
  }

  private static void geluSlopeInBlocks(long x, long dy, long dx, long n) {
    long bells = Scratch.ofThread().bytes(4 * BLOCK).address();
    for (long i = 0; i < n; i += BLOCK) {
      long size = Math.min(BLOCK, n - i);
      BELLS.run(x + 4 * i, bells, size);
      GELU_SLOPE.run(x + 4 * i, bells, dy + 4 * i, dx + 4 * i, size);
    }
  }

  static void bells(long x, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(VectorNormal.bell(load(x, i)), out, i);
    }
  }

  static void gelu(long x, long bells, long y, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      store(v.mul(VectorNormal.share(v, load(bells, i))), y, i);
    }
  }

  static void geluSlope(long x, long bells, long dy, long dx, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      FloatVector bell = load(bells, i);
      FloatVector slope = v.fma(DENSITY.mul(bell), VectorNormal.share(v, bell));
      store(load(dy, i).fma(slope, load(dx, i)), dx, i);
    }
  }

  static void geluTanh(long x, long y, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      store(v.mul(share(v.mul(CUBIC.fma(v.mul(v), LINEAR)))), y, i);
    }
  }

  static void geluTanhSlope(long x, long dy, long dx, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector near = limit(load(x, i), MINUS_FLAT, FLAT);
      FloatVector square = near.mul(near);
      FloatVector power = VectorMath.exp(ZERO.sub(near.mul(CUBIC.fma(square, LINEAR))));
      FloatVector share = ONE.div(power.add(ONE));
      FloatVector inner = near.mul(SLOPE_CUBIC.fma(square, LINEAR));
      FloatVector slope = share.mul(power).mul(share).fma(inner, share);
      store(load(dy, i).fma(slope, load(dx, i)), dx, i);
    }
  }

  static void silu(long x, long y, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      store(v.mul(share(v)), y, i);
    }
  }

  static void siluSlope(long x, long dy, long dx, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      FloatVector share = share(v);
      FloatVector slope = share.mul(v.fma(ONE.sub(share), ONE));
      store(load(dy, i).fma(slope, load(dx, i)), dx, i);
    }
  }

  static void hardSwish(long x, long y, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      store(v.mul(limit(v.add(THREE), ZERO, SIX).mul(SIXTH)), y, i);
    }
  }

  static void hardSwishSlope(long x, long dy, long dx, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      FloatVector slope = v.fma(THIRD, HALF);
      slope = slope.blend(ONE, v.compare(VectorOperators.GE, THREE));
      slope = slope.blend(ZERO, v.compare(VectorOperators.LE, MINUS_THREE));
      store(load(dy, i).fma(slope, load(dx, i)), dx, i);
    }
  }

  private static FloatVector share(FloatVector v) {
    return ONE.div(VectorMath.exp(ZERO.sub(v)).add(ONE));
  }

  private static FloatVector limit(FloatVector v, FloatVector low, FloatVector high) {
    FloatVector limited = v.blend(high, v.compare(VectorOperators.GT, high));
    return limited.blend(low, v.compare(VectorOperators.LT, low));
  }

  @Override
  public void leakyRelu(double slope, long x, long y, long n) {
    long whole = n - n % LANES;
    LEAKY_RELU.run((float) slope, x, y, whole);
    rest.leakyRelu((float) slope, x, y, whole, n);
  }

  static void leaky(float slope, long x, long y, long n) {
    FloatVector factor = all(slope);
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      store(factor.mul(v).blend(v, v.compare(VectorOperators.GT, ZERO)), y, i);
    }
  }

  @Override
  public void leakyReluBackward(double slope, long x, long dy, long dx, long n) {
    long whole = n - n % LANES;
    LEAKY_RELU_SLOPE.run((float) slope, x, dy, dx, whole);
    rest.leakyReluBackward((float) slope, x, dy, dx, whole, n);
  }

  static void leakySlope(float slope, long x, long dy, long dx, long n) {
    FloatVector factor = all(slope);
    for (long i = 0; i < n; i += LANES) {
      FloatVector up = factor.blend(ONE, load(x, i).compare(VectorOperators.GT, ZERO));
      store(load(dy, i).fma(up, load(dx, i)), dx, i);
    }
  }
}
