package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import dev.nagare.tensor.kernel.Pointwise.Function;
import java.lang.invoke.MethodHandles;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * F32 functions of two rows over vectors, with the bits of {@link ScalarStridedF32}.
 *
 * <p>A loop for each function and each way in which operands lie: one loop with a choice in it was
 * clean with the first function, and left its vectors on the heap once others had run.
 */
final class VectorPairsF32 {
  private static final int LANES = FLOATS.length();

  private static final Map<Function, Forms> LOOPS =
      new EnumMap<>(
          Map.of(
              Function.ADD,
              Forms.named("add"),
              Function.SUB,
              Forms.named("sub"),
              Function.MUL,
              Forms.named("mul"),
              Function.DIV,
              Forms.named("div"),
              Function.MAXIMUM,
              Forms.named("max"),
              Function.MINIMUM,
              Forms.named("min")));

  private VectorPairsF32() {}

  /** The loops of a function, by what repeats. */
  private record Forms(LoopUnit neither, LoopUnit left, LoopUnit right) {
    static Forms named(String name) {
      return new Forms(unit(name), unit(name + "Left"), unit(name + "Right"));
    }
  }

  private static LoopUnit unit(String name) {
    return new LoopUnit(MethodHandles.lookup(), name);
  }

  /** Whether a function has loops here. */
  static boolean has(Function f) {
    return LOOPS.containsKey(f);
  }

  /** Computes elements that fill whole vectors; steps are 1, or 0 for one operand. */
  static void run(Function f, long a, long aStep, long b, long bStep, long out, long whole) {
    Forms loops = Objects.requireNonNull(LOOPS.get(f));
    (aStep == 0 ? loops.left : bStep == 0 ? loops.right : loops.neither).run(a, b, out, whole);
  }

  static void add(long a, long b, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).add(load(b, i)), out, i);
    }
  }

  static void addLeft(long a, long b, long out, long n) {
    FloatVector left = all(getFloat(a, 0));
    for (long i = 0; i < n; i += LANES) {
      store(left.add(load(b, i)), out, i);
    }
  }

  static void addRight(long a, long b, long out, long n) {
    FloatVector right = all(getFloat(b, 0));
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).add(right), out, i);
    }
  }

  static void sub(long a, long b, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).sub(load(b, i)), out, i);
    }
  }

  static void subLeft(long a, long b, long out, long n) {
    FloatVector left = all(getFloat(a, 0));
    for (long i = 0; i < n; i += LANES) {
      store(left.sub(load(b, i)), out, i);
    }
  }

  static void subRight(long a, long b, long out, long n) {
    FloatVector right = all(getFloat(b, 0));
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).sub(right), out, i);
    }
  }

  static void mul(long a, long b, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).mul(load(b, i)), out, i);
    }
  }

  static void mulLeft(long a, long b, long out, long n) {
    FloatVector left = all(getFloat(a, 0));
    for (long i = 0; i < n; i += LANES) {
      store(left.mul(load(b, i)), out, i);
    }
  }

  static void mulRight(long a, long b, long out, long n) {
    FloatVector right = all(getFloat(b, 0));
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).mul(right), out, i);
    }
  }

  static void div(long a, long b, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).div(load(b, i)), out, i);
    }
  }

  static void divLeft(long a, long b, long out, long n) {
    FloatVector left = all(getFloat(a, 0));
    for (long i = 0; i < n; i += LANES) {
      store(left.div(load(b, i)), out, i);
    }
  }

  static void divRight(long a, long b, long out, long n) {
    FloatVector right = all(getFloat(b, 0));
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).div(right), out, i);
    }
  }

  static void max(long a, long b, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(larger(load(a, i), load(b, i)), out, i);
    }
  }

  static void maxLeft(long a, long b, long out, long n) {
    FloatVector left = all(getFloat(a, 0));
    for (long i = 0; i < n; i += LANES) {
      store(larger(left, load(b, i)), out, i);
    }
  }

  static void maxRight(long a, long b, long out, long n) {
    FloatVector right = all(getFloat(b, 0));
    for (long i = 0; i < n; i += LANES) {
      store(larger(load(a, i), right), out, i);
    }
  }

  static void min(long a, long b, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(smaller(load(a, i), load(b, i)), out, i);
    }
  }

  static void minLeft(long a, long b, long out, long n) {
    FloatVector left = all(getFloat(a, 0));
    for (long i = 0; i < n; i += LANES) {
      store(smaller(left, load(b, i)), out, i);
    }
  }

  static void minRight(long a, long b, long out, long n) {
    FloatVector right = all(getFloat(b, 0));
    for (long i = 0; i < n; i += LANES) {
      store(smaller(load(a, i), right), out, i);
    }
  }

  private static FloatVector larger(FloatVector a, FloatVector b) {
    return choose(a, b, a.compare(VectorOperators.GT, b));
  }

  private static FloatVector smaller(FloatVector a, FloatVector b) {
    return choose(a, b, a.compare(VectorOperators.LT, b));
  }

  /** a where it wins or is not a number. */
  private static FloatVector choose(FloatVector a, FloatVector b, VectorMask<Float> wins) {
    return b.blend(a, wins).blend(a, a.compare(VectorOperators.NE, a));
  }
}
