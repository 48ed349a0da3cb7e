package dev.nagare.tensor.kernel;

import java.lang.invoke.MethodHandles;

/** A {@link LoopUnit} in one of the forms of {@link VectorRowsF32}. */
final class RowUnit extends LoopUnit {

  RowUnit(String name) {
    super(MethodHandles.lookup(), VectorRowsF32.class, name);
  }

  void run(float factor, float other, long a, long b, long c, long d, long e, long n) {
    try {
      loop.invokeExact(factor, other, a, b, c, d, e, n);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(float factor, float other, float third, long a, long b, long c, long d, long n) {
    try {
      loop.invokeExact(factor, other, third, a, b, c, d, n);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(float[] partials, long a, long n) {
    try {
      loop.invokeExact(partials, a, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(float[] partials, long a, long b, long n) {
    try {
      loop.invokeExact(partials, a, b, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(float[] partials, long a, long b, long c, long n) {
    try {
      loop.invokeExact(partials, a, b, c, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(float[] partials, float factor, long a, long n) {
    try {
      loop.invokeExact(partials, factor, a, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(float[] partials, float factor, long a, long b, long n) {
    try {
      loop.invokeExact(partials, factor, a, b, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }
}
