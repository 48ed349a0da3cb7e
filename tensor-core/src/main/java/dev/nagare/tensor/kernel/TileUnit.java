package dev.nagare.tensor.kernel;

import java.lang.invoke.MethodHandles;

/** A {@link LoopUnit} in one of the forms of {@link VectorTiles}. */
final class TileUnit extends LoopUnit {

  TileUnit(Class<?> owner, String name) {
    super(MethodHandles.lookup(), owner, name);
  }

  void run(long a, long b, long c, long d, long e, long f, long g, long h, long n) {
    try {
      loop.invokeExact(a, b, c, d, e, f, g, h, n);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(long a, long b, long c, long d, long e, long f, long g, long h, long i, long n) {
    try {
      loop.invokeExact(a, b, c, d, e, f, g, h, i, n);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(float factor, long a, long b, long c, long d, long e, long f, long n) {
    try {
      loop.invokeExact(factor, a, b, c, d, e, f, n);
    } catch (Throwable t) {
      throw failed(t);
    }
  }
}
