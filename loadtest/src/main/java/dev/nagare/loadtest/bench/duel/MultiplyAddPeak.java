package dev.nagare.loadtest.bench.duel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * What one core can do: fused multiply-adds in twelve chains that stay in registers, more than the
 * latency of one times the units there are.
 */
final class MultiplyAddPeak implements Workload {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
  private static final int CHAINS = 12;
  private static final int PASSES = 64;

  private final int length;
  private final float[] sums = new float[FLOATS.length()];

  /** As many multiplications and additions in a step. */
  MultiplyAddPeak(double operations) {
    length = (int) (operations / (2.0 * FLOATS.length() * CHAINS * PASSES));
  }

  @Override
  public String description() {
    return "fused multiply-adds in registers, " + FLOATS.length() + " lanes, 1 thread";
  }

  @Override
  public float step() {
    for (int i = 0; i < PASSES; i++) {
      pass(sums, length);
    }
    return sums[0];
  }

  private static void pass(float[] sums, int length) {
    FloatVector x = FloatVector.broadcast(FLOATS, 0.999f);
    FloatVector y = FloatVector.broadcast(FLOATS, 0.001f);
    FloatVector a = FloatVector.fromArray(FLOATS, sums, 0);
    // Each unlike the one before, so that no compiler takes two for one.
    FloatVector b = a.add(y);
    FloatVector c = b.add(y);
    FloatVector d = c.add(y);
    FloatVector e = d.add(y);
    FloatVector f = e.add(y);
    FloatVector g = f.add(y);
    FloatVector h = g.add(y);
    FloatVector i = h.add(y);
    FloatVector j = i.add(y);
    FloatVector k = j.add(y);
    FloatVector l = k.add(y);
    for (int n = 0; n < length; n++) {
      a = a.fma(x, y);
      b = b.fma(x, y);
      c = c.fma(x, y);
      d = d.fma(x, y);
      e = e.fma(x, y);
      f = f.fma(x, y);
      g = g.fma(x, y);
      h = h.fma(x, y);
      i = i.fma(x, y);
      j = j.fma(x, y);
      k = k.fma(x, y);
      l = l.fma(x, y);
    }
    FloatVector low = a.add(b).add(c).add(d).add(e).add(f);
    low.add(g).add(h).add(i).add(j).add(k).add(l).mul(x).intoArray(sums, 0);
  }

  @Override
  public void close() {}
}
