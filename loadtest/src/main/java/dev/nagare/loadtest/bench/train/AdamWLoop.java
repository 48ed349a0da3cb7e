package dev.nagare.loadtest.bench.train;

import dev.nagare.loadtest.bench.duel.Workload;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * A loop over arrays with the loads and stores of {@link AdamWNagare}: reads parameter, gradient
 * and both moments, writes them all, the gradient as zeros. What is left of a step when its
 * arithmetic costs nothing.
 */
final class AdamWLoop implements Workload {
  private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

  private final float[] parameter = AdamWTask.parameters();
  private final float[] source = AdamWTask.gradients();
  private final float[] gradient = source.clone();
  private final float[] first = new float[AdamWTask.PARAMETERS];
  private final float[] second = new float[AdamWTask.PARAMETERS];
  private int steps;

  @Override
  public String description() {
    return "a Java loop with the same loads and stores, 1 thread";
  }

  @Override
  public void prepare() {
    System.arraycopy(source, 0, gradient, 0, source.length);
  }

  @Override
  public float step() {
    pass(parameter, gradient, first, second);
    return parameter[AdamWTask.watched(steps++)];
  }

  private static void pass(float[] p, float[] g, float[] m, float[] v) {
    FloatVector decay = FloatVector.broadcast(FLOATS, 0.9f);
    FloatVector zero = FloatVector.zero(FLOATS);
    for (int i = 0; i < FLOATS.loopBound(p.length); i += FLOATS.length()) {
      FloatVector gradient = FloatVector.fromArray(FLOATS, g, i);
      FloatVector moment = FloatVector.fromArray(FLOATS, m, i).fma(decay, gradient);
      FloatVector square = FloatVector.fromArray(FLOATS, v, i).fma(decay, gradient);
      moment.intoArray(m, i);
      square.intoArray(v, i);
      FloatVector.fromArray(FLOATS, p, i).sub(moment.mul(square)).intoArray(p, i);
      zero.intoArray(g, i);
    }
  }

  @Override
  public void close() {}
}
