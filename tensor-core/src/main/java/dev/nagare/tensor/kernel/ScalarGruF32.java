package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

/** The F32 cell one element at a time, and the last elements of {@link VectorGruF32}. */
final class ScalarGruF32 implements GruCell {

  @Override
  public void forward(long gates, long hBefore, long h, int hidden) {
    forward(gates, hBefore, h, 0, hidden);
  }

  void forward(long gates, long hBefore, long h, int from, int hidden) {
    for (int j = from; j < hidden; j++) {
      float z = getFloat(gates, j + hidden);
      float n = getFloat(gates, j + 2L * hidden);
      setFloat(h, j, Math.fma(z, getFloat(hBefore, j) - n, n));
    }
  }

  @Override
  public void backward(long gates, long inner, long hBefore, long dh, long dhBefore, int hidden) {
    backward(gates, inner, hBefore, dh, dhBefore, 0, hidden);
  }

  void backward(
      long gates, long inner, long hBefore, long dh, long dhBefore, int from, int hidden) {
    for (int j = from; j < hidden; j++) {
      float r = getFloat(gates, j);
      float z = getFloat(gates, j + hidden);
      float n = getFloat(gates, j + 2L * hidden);
      float u = getFloat(inner, j + 2L * hidden);
      float up = getFloat(dh, j);
      float dn = up * (1f - z) * (1f - n * n);
      float dr = dn * u * (r * (1f - r));
      float dz = up * (getFloat(hBefore, j) - n) * (z * (1f - z));
      setFloat(gates, j, dr);
      setFloat(gates, j + hidden, dz);
      setFloat(gates, j + 2L * hidden, dn);
      setFloat(inner, j, dr);
      setFloat(inner, j + hidden, dz);
      setFloat(inner, j + 2L * hidden, dn * r);
      setFloat(dhBefore, j, Math.fma(up, z, getFloat(dhBefore, j)));
    }
  }
}
