package dev.nagare.tensor.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;

/**
 * A loop over vectors that C2 always compiles as a unit of its own.
 *
 * <p>C2 stops inlining once it has made 18,000 nodes, whatever the bytecode that it is in the midst
 * of; a vector operation takes hundreds. Where a caller draws several loops into one unit, the last
 * of them lose an operation to that limit, and their vectors go to the heap for good. Which caller
 * does depends on what the JVM ran and compiled before. Java has no word against inlining, but a
 * method handle that is no constant cannot be inlined, at the price of a call through it (about 5
 * ns).
 *
 * <p>The loop is a static method that is called here only, and takes the very types of one of the
 * forms below.
 */
class LoopUnit {
  /** Not final, so that no compiler takes it for a constant. */
  MethodHandle loop;

  /**
   * @param lookup of the class that has the loop
   * @param name of its only method of that name
   */
  LoopUnit(MethodHandles.Lookup lookup, String name) {
    this(lookup, lookup.lookupClass(), name);
  }

  /**
   * @param lookup that can see the loop
   * @param owner the class that has it
   * @param name of its only method of that name
   */
  LoopUnit(MethodHandles.Lookup lookup, Class<?> owner, String name) {
    try {
      loop =
          lookup.unreflect(
              Arrays.stream(owner.getDeclaredMethods())
                  .filter(method -> method.getName().equals(name))
                  .findFirst()
                  .orElseThrow());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  void run(long a, long b, long n) {
    try {
      loop.invokeExact(a, b, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(long a, long b, long c, long n) {
    try {
      loop.invokeExact(a, b, c, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(long a, long b, long c, long d, long n) {
    try {
      loop.invokeExact(a, b, c, d, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(long a, long b, long c, long d, long e, long n) {
    try {
      loop.invokeExact(a, b, c, d, e, n);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(long a, long b, long c, long d, long e, long f, long g, long n) {
    try {
      loop.invokeExact(a, b, c, d, e, f, g, n);
    } catch (Throwable t) {
      throw failed(t);
    }
  }

  void run(float factor, long a, long b, long n) {
    try {
      loop.invokeExact(factor, a, b, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(float first, float second, long a, long b, long n) {
    try {
      loop.invokeExact(first, second, a, b, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(float factor, long a, long b, long c, long n) {
    try {
      loop.invokeExact(factor, a, b, c, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(Kernels.SgdStep step, long a, long b, long n) {
    try {
      loop.invokeExact(step, a, b, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(Kernels.SgdStep step, long a, long b, long c, long n) {
    try {
      loop.invokeExact(step, a, b, c, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(Kernels.AdamStep step, long a, long b, long c, long d, long n) {
    try {
      loop.invokeExact(step, a, b, c, d, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  void run(Kernels.Unary f, long a, long b, long c, long d, long n) {
    try {
      loop.invokeExact(f, a, b, c, d, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  double sum(long a, long n) {
    try {
      return (double) loop.invokeExact(a, n);
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  static RuntimeException failed(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
  }
}
