package dev.nagare.tensor.kernel;

import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Vectors of BF16 in memory, of F32 in registers, with the bits of {@code BFloat16}. */
final class VectorHalves {
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, VectorMath.FLOATS.vectorShape());
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(VectorMath.FLOATS.vectorBitSize() / 2));
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  /** Half of the last place that stays, less one. */
  private static final IntVector HALF = IntVector.broadcast(INTS, 0x7fff);

  private static final IntVector LAST = IntVector.broadcast(INTS, 1);
  private static final IntVector QUIET = IntVector.broadcast(INTS, 0x40);

  private VectorHalves() {}

  static FloatVector load(long address) {
    ShortVector halves = ShortVector.fromMemorySegment(SHORTS, Addresses.ALL, address, ORDER);
    IntVector low = (IntVector) halves.convertShape(VectorOperators.ZERO_EXTEND_S2I, INTS, 0);
    return low.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
  }

  static void store(FloatVector x, long address) {
    IntVector bits = x.reinterpretAsInts();
    IntVector high = bits.lanewise(VectorOperators.LSHR, 16);
    IntVector rounded = bits.add(HALF).add(high.and(LAST)).lanewise(VectorOperators.LSHR, 16);
    VectorMask<Integer> notNumbers = x.compare(VectorOperators.NE, x).cast(INTS);
    IntVector result = rounded.blend(high.or(QUIET), notNumbers);
    ShortVector halves = (ShortVector) result.convertShape(VectorOperators.I2S, SHORTS, 0);
    halves.intoMemorySegment(Addresses.ALL, address, ORDER);
  }
}
