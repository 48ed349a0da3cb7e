package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.ONE;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;

/** The F32 cell over vectors, with the bits of {@link ScalarGruF32}. */
final class VectorGruF32 implements GruCell {
  private static final int LANES = FLOATS.length();

  private static final LoopUnit FORWARD = new LoopUnit(MethodHandles.lookup(), "forwardLoop");
  private static final LoopUnit BACKWARD = new LoopUnit(MethodHandles.lookup(), "backwardLoop");

  private final ScalarGruF32 rest = new ScalarGruF32();

  @Override
  public void forward(long gates, long hBefore, long h, int hidden) {
    int whole = hidden - hidden % LANES;
    FORWARD.run(gates + 4L * hidden, gates + 8L * hidden, hBefore, h, whole);
    rest.forward(gates, hBefore, h, whole, hidden);
  }

  static void forwardLoop(long update, long candidate, long hBefore, long h, long whole) {
    for (long j = 0; j < whole; j += LANES) {
      FloatVector n = load(candidate, j);
      store(load(update, j).fma(load(hBefore, j).sub(n), n), h, j);
    }
  }

  @Override
  public void backward(long gates, long inner, long hBefore, long dh, long dhBefore, int hidden) {
    int whole = hidden - hidden % LANES;
    BACKWARD.run(gates, inner, hBefore, dh, dhBefore, hidden, 0, whole);
    rest.backward(gates, inner, hBefore, dh, dhBefore, whole, hidden);
  }

  static void backwardLoop(
      long gates,
      long inner,
      long hBefore,
      long dh,
      long dhBefore,
      long hidden,
      long from,
      long whole) {
    for (long j = from; j < whole; j += LANES) {
      FloatVector r = load(gates, j);
      FloatVector z = load(gates, j + hidden);
      FloatVector n = load(gates, j + 2 * hidden);
      FloatVector up = load(dh, j);
      FloatVector dn = up.mul(ONE.sub(z)).mul(ONE.sub(n.mul(n)));
      FloatVector dr = dn.mul(load(inner, j + 2 * hidden)).mul(r.mul(ONE.sub(r)));
      FloatVector dz = up.mul(load(hBefore, j).sub(n)).mul(z.mul(ONE.sub(z)));
      store(dr, gates, j);
      store(dz, gates, j + hidden);
      store(dn, gates, j + 2 * hidden);
      store(dr, inner, j);
      store(dz, inner, j + hidden);
      store(dn.mul(r), inner, j + 2 * hidden);
      store(up.fma(z, load(dhBefore, j)), dhBefore, j);
    }
  }
}
