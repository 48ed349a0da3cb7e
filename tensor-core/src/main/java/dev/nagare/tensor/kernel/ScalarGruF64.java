package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getDouble;
import static dev.nagare.tensor.kernel.Addresses.setDouble;

/** The F64 cell, for gradient checks. */
final class ScalarGruF64 implements GruCell {

  @Override
  public void forward(long gates, long hBefore, long h, int hidden) {
    for (int j = 0; j < hidden; j++) {
      double z = getDouble(gates, j + hidden);
      double n = getDouble(gates, j + 2L * hidden);
      setDouble(h, j, Math.fma(z, getDouble(hBefore, j) - n, n));
    }
  }

  @Override
  public void backward(long gates, long inner, long hBefore, long dh, long dhBefore, int hidden) {
    for (int j = 0; j < hidden; j++) {
      double r = getDouble(gates, j);
      double z = getDouble(gates, j + hidden);
      double n = getDouble(gates, j + 2L * hidden);
      double u = getDouble(inner, j + 2L * hidden);
      double up = getDouble(dh, j);
      double dn = up * (1 - z) * (1 - n * n);
      double dr = dn * u * (r * (1 - r));
      double dz = up * (getDouble(hBefore, j) - n) * (z * (1 - z));
      setDouble(gates, j, dr);
      setDouble(gates, j + hidden, dz);
      setDouble(gates, j + 2L * hidden, dn);
      setDouble(inner, j, dr);
      setDouble(inner, j + hidden, dz);
      setDouble(inner, j + 2L * hidden, dn * r);
      setDouble(dhBefore, j, Math.fma(up, z, getDouble(dhBefore, j)));
    }
  }
}
