package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;

import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums with {@link Loops#PARTIALS} partials on any width: a register holds some of them, and one
 * pass over a block is made for each register that they take.
 */
final class VectorSums {
  private static final VectorSpecies<Float> FLOATS = VectorMath.FLOATS;

  private static final LoopUnit SUM = new LoopUnit(MethodHandles.lookup(), "sumLoop");
  private static final LoopUnit SUM_OF_SQUARES =
      new LoopUnit(MethodHandles.lookup(), "squaresLoop");

  private VectorSums() {}

  static double sum(long x, long n) {
    return SUM.sum(x, n);
  }

  static double sumOfSquares(long x, long n) {
    return SUM_OF_SQUARES.sum(x, n);
  }

  static double sumLoop(long x, long n) {
    float[] partials = Scratch.ofThread().partials();
    double total = 0;
    for (long from = 0; from < n; from += Loops.BLOCK) {
      long end = Math.min(n, from + Loops.BLOCK);
      long whole = end - (end - from) % Loops.PARTIALS;
      Arrays.fill(partials, 0);
      for (int lane = 0; lane < Loops.PARTIALS; lane += FLOATS.length()) {
        FloatVector sum = all(0f);
        for (long i = from; i < whole; i += Loops.PARTIALS) {
          sum = sum.add(load(x, i + lane));
        }
        sum.intoArray(partials, lane);
      }
      for (long i = whole; i < end; i++) {
        partials[(int) (i - whole)] += getFloat(x, i);
      }
      total += Tree.sum(partials);
    }
    return total;
  }

  static double squaresLoop(long x, long n) {
    float[] partials = Scratch.ofThread().partials();
    double total = 0;
    for (long from = 0; from < n; from += Loops.BLOCK) {
      long end = Math.min(n, from + Loops.BLOCK);
      long whole = end - (end - from) % Loops.PARTIALS;
      Arrays.fill(partials, 0);
      for (int lane = 0; lane < Loops.PARTIALS; lane += FLOATS.length()) {
        FloatVector sum = all(0f);
        for (long i = from; i < whole; i += Loops.PARTIALS) {
          FloatVector v = load(x, i + lane);
          sum = v.fma(v, sum);
        }
        sum.intoArray(partials, lane);
      }
      for (long i = whole; i < end; i++) {
        float v = getFloat(x, i);
        partials[(int) (i - whole)] = Math.fma(v, v, partials[(int) (i - whole)]);
      }
      total += Tree.sum(partials);
    }
    return total;
  }
}
