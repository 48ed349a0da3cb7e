package dev.nagare.tensor.kernel;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link MathF32} for a vector of arguments: the same operations in the same order.
 *
 * <p>Constants are vectors already: turning a number into one takes so many nested calls that C2,
 * which inlines 15 levels, would leave vectors on the heap.
 */
final class VectorMath {
  static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  static final FloatVector ZERO = all(0f);
  static final FloatVector ONE = all(1f);
  private static final FloatVector TWO = all(2f);
  static final FloatVector LOG2_E = all(MathF32.LOG2_E);
  static final FloatVector ROUND = all(MathF32.ROUND);
  private static final FloatVector MINUS_LN2_HIGH = all(-MathF32.LN2_HIGH);
  private static final FloatVector MINUS_LN2_LOW = all(-MathF32.LN2_LOW);
  private static final FloatVector C2 = all(MathF32.C2);
  private static final FloatVector C3 = all(MathF32.C3);
  private static final FloatVector C4 = all(MathF32.C4);
  private static final FloatVector C5 = all(MathF32.C5);
  private static final FloatVector C6 = all(MathF32.C6);
  private static final FloatVector EXP_MAX = all(MathF32.EXP_MAX);
  private static final FloatVector EXP_MIN = all(MathF32.EXP_MIN);
  private static final FloatVector SIGMOID_MAX = all(MathF32.SIGMOID_MAX);
  private static final FloatVector SIGMOID_MIN = all(-MathF32.SIGMOID_MAX);
  private static final FloatVector TANH_MAX = all(MathF32.TANH_MAX);
  private static final IntVector ONE_BITS = ONE.reinterpretAsInts();
  private static final IntVector ROUND_BITS = ROUND.reinterpretAsInts();
  private static final IntVector SIGN = all(-0f).reinterpretAsInts();
  private static final IntVector MAGNITUDE = SIGN.not();

  private VectorMath() {}

  static FloatVector exp(FloatVector x) {
    FloatVector y = x.blend(EXP_MAX, x.compare(VectorOperators.GT, EXP_MAX));
    y = y.blend(EXP_MIN, y.compare(VectorOperators.LT, EXP_MIN));
    FloatVector rounded = y.fma(LOG2_E, ROUND);
    FloatVector power = fraction(y, rounded.sub(ROUND)).add(ONE);
    IntVector n = rounded.reinterpretAsInts().sub(ROUND_BITS);
    IntVector half = n.lanewise(VectorOperators.ASHR, 1);
    return power.mul(powerOfTwo(half)).mul(powerOfTwo(n.sub(half)));
  }

  static FloatVector sigmoid(FloatVector x) {
    FloatVector y = ZERO.sub(x);
    y = y.blend(SIGMOID_MAX, y.compare(VectorOperators.GT, SIGMOID_MAX));
    y = y.blend(SIGMOID_MIN, y.compare(VectorOperators.LT, SIGMOID_MIN));
    FloatVector rounded = y.fma(LOG2_E, ROUND);
    FloatVector power = powerOfTwo(rounded.reinterpretAsInts());
    return ONE.div(power.fma(fraction(y, rounded.sub(ROUND)), power).add(ONE));
  }

  static FloatVector tanh(FloatVector x) {
    IntVector bits = x.reinterpretAsInts();
    FloatVector y = bits.and(MAGNITUDE).reinterpretAsFloats().mul(TWO);
    y = y.blend(TANH_MAX, y.compare(VectorOperators.GT, TANH_MAX));
    FloatVector rounded = y.fma(LOG2_E, ROUND);
    FloatVector power = powerOfTwo(rounded.reinterpretAsInts());
    FloatVector lessOne = power.fma(fraction(y, rounded.sub(ROUND)), power.sub(ONE));
    FloatVector result = lessOne.div(lessOne.add(TWO));
    return result.reinterpretAsInts().or(bits.and(SIGN)).reinterpretAsFloats();
  }

  static FloatVector fraction(FloatVector y, FloatVector n) {
    FloatVector r = n.fma(MINUS_LN2_HIGH, y);
    r = n.fma(MINUS_LN2_LOW, r);
    FloatVector p = C6.fma(r, C5);
    p = p.fma(r, C4);
    p = p.fma(r, C3);
    p = p.fma(r, C2);
    return p.fma(r.mul(r), r);
  }

  static FloatVector powerOfTwo(IntVector n) {
    return n.lanewise(VectorOperators.LSHL, 23).add(ONE_BITS).reinterpretAsFloats();
  }

  /** The vector that begins with an element. */
  static FloatVector load(long address, long index) {
    return FloatVector.fromMemorySegment(FLOATS, Addresses.ALL, address + 4 * index, ORDER);
  }

  /** Writes the vector that begins with an element. */
  static void store(FloatVector vector, long address, long index) {
    vector.intoMemorySegment(Addresses.ALL, address + 4 * index, ORDER);
  }

  static FloatVector all(float value) {
    return FloatVector.broadcast(FLOATS, value);
  }
}
