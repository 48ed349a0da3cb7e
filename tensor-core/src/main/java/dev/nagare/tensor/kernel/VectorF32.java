package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.ONE;
import static dev.nagare.tensor.kernel.VectorMath.ZERO;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import dev.nagare.tensor.kernel.Kernels.Unary;
import java.lang.invoke.MethodHandles;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * F32 loops over vectors of the machine's width, with the bits of {@link ScalarF32}, which also
 * does the elements that fill no vector.
 *
 * <p>Only operations with one result are used: sums across lanes and vector functions of the JDK
 * are not, since their bits change when C2 compiles them. Loops are short and many, each a {@link
 * LoopUnit}, so that C2 inlines every vector operation.
 */
final class VectorF32 implements Loops {
  private final GruCell gruCell = new VectorGruF32();
  private final RowLoops rows = new VectorRowsF32();
  private static final int LANES = FLOATS.length();

  private static final LoopUnit SIGMOID = unit("sigmoid");
  private static final LoopUnit TANH = unit("tanh");
  private static final LoopUnit RELU = unit("relu");
  private static final LoopUnit EXP = unit("exp");
  private static final LoopUnit SQUARE = unit("square");
  private static final LoopUnit ABS = unit("abs");
  private static final LoopUnit UNARY_BACKWARD = unit("slopes");
  private static final LoopUnit SUM = unit("addition");
  private static final LoopUnit DIFFERENCE = unit("subtraction");
  private static final LoopUnit PRODUCT = unit("multiplication");
  private static final LoopUnit CELL = unit("cells");
  private static final LoopUnit OUTPUT_GATE_BACKWARD = unit("outputGateBackward");
  private static final LoopUnit OTHER_GATES_BACKWARD = unit("otherGatesBackward");
  private static final LoopUnit AXPY = unit("multiplyAdd");
  private static final LoopUnit SCALE = unit("multiply");
  private static final LoopUnit CLIP = unit("limit");

  private final ScalarF32 rest = new ScalarF32();

  @Override
  public GruCell gruCell() {
    return gruCell;
  }

  @Override
  public RowLoops rows() {
    return rows;
  }

  @Override
  public void product(
      long a,
      long aRow,
      long aColumn,
      long b,
      long bRow,
      long out,
      long outRow,
      int m,
      int n,
      int k) {
    VectorProduct.add(a, 4 * aRow, 4 * aColumn, b, 4 * bRow, out, 4 * outRow, m, n, k);
  }

  @Override
  public void transpose(long x, long out, int rows, int columns) {
    rest.transpose(x, out, rows, columns);
  }

  private static LoopUnit unit(String name) {
    return new LoopUnit(MethodHandles.lookup(), name);
  }

  @Override
  public void activateGates(long gates, int hidden) {
    long part = 4L * hidden;
    unary(Unary.SIGMOID, gates, gates, 2L * hidden);
    unary(Unary.TANH, gates + 2 * part, gates + 2 * part, hidden);
    unary(Unary.SIGMOID, gates + 3 * part, gates + 3 * part, hidden);
  }

  @Override
  public void cell(long gates, long cBefore, long c, long h, int hidden) {
    int whole = hidden - hidden % LANES;
    CELL.run(gates, cBefore, c, h, hidden, whole);
    rest.cell(gates, cBefore, c, h, whole, hidden);
  }

  static void cells(long gates, long cBefore, long c, long h, long hidden, long n) {
    for (long j = 0; j < n; j += LANES) {
      FloatVector written = load(gates, j).mul(load(gates, j + 2 * hidden));
      FloatVector cell = load(gates, j + hidden).fma(load(cBefore, j), written);
      store(cell, c, j);
      store(load(gates, j + 3 * hidden).mul(VectorMath.tanh(cell)), h, j);
    }
  }

  @Override
  public void cellBackward(long gates, long cBefore, long c, long dh, long dc, int hidden) {
    int whole = hidden - hidden % LANES;
    OUTPUT_GATE_BACKWARD.run(gates + 12L * hidden, c, dh, dc, whole);
    OTHER_GATES_BACKWARD.run(gates, cBefore, dc, hidden, whole);
    rest.cellBackward(gates, cBefore, c, dh, dc, whole, hidden);
  }

  static void outputGateBackward(long gate, long c, long dh, long dc, long n) {
    for (long j = 0; j < n; j += LANES) {
      FloatVector o = load(gate, j);
      FloatVector tanh = VectorMath.tanh(load(c, j));
      FloatVector up = load(dh, j);
      store(up.mul(o).fma(ONE.sub(tanh.mul(tanh)), load(dc, j)), dc, j);
      store(up.mul(tanh).mul(o.mul(ONE.sub(o))), gate, j);
    }
  }

  static void otherGatesBackward(long gates, long cBefore, long dc, long hidden, long n) {
    for (long j = 0; j < n; j += LANES) {
      FloatVector cell = load(dc, j);
      FloatVector i = load(gates, j);
      FloatVector f = load(gates, j + hidden);
      FloatVector g = load(gates, j + 2 * hidden);
      store(cell.mul(g).mul(i.mul(ONE.sub(i))), gates, j);
      store(cell.mul(load(cBefore, j)).mul(f.mul(ONE.sub(f))), gates, j + hidden);
      store(cell.mul(i).mul(ONE.sub(g.mul(g))), gates, j + 2 * hidden);
      store(cell.mul(f), dc, j);
    }
  }

  @Override
  public void unary(Unary f, long x, long out, long n) {
    long whole = n - n % LANES;
    LoopUnit loop =
        switch (f) {
          case SIGMOID -> SIGMOID;
          case TANH -> TANH;
          case RELU -> RELU;
          case EXP -> EXP;
          case SQUARE -> SQUARE;
          case ABS -> ABS;
        };
    loop.run(x, out, whole);
    rest.unary(f, x, out, whole, n);
  }

  static void sigmoid(long x, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(VectorMath.sigmoid(load(x, i)), out, i);
    }
  }

  static void tanh(long x, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(VectorMath.tanh(load(x, i)), out, i);
    }
  }

  static void relu(long x, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      store(v.blend(ZERO, v.compare(VectorOperators.LE, ZERO)), out, i);
    }
  }

  static void exp(long x, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(VectorMath.exp(load(x, i)), out, i);
    }
  }

  static void square(long x, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector v = load(x, i);
      store(v.mul(v), out, i);
    }
  }

  static void abs(long x, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(load(x, i).abs(), out, i);
    }
  }

  @Override
  public void unaryBackward(Unary f, long x, long y, long dy, long dx, long n) {
    long whole = n - n % LANES;
    UNARY_BACKWARD.run(f, x, y, dy, dx, whole);
    rest.unaryBackward(f, x, y, dy, dx, whole, n);
  }

  static void slopes(Unary f, long x, long y, long dy, long dx, long n) {
    for (long i = 0; i < n; i += LANES) {
      FloatVector in = load(x, i);
      FloatVector out = load(y, i);
      FloatVector slope =
          switch (f) {
            case SIGMOID -> out.mul(ONE.sub(out));
            case TANH -> ONE.sub(out.mul(out));
            case RELU -> ZERO.blend(ONE, in.compare(VectorOperators.GT, ZERO));
            case EXP -> out;
            case SQUARE -> in.add(in);
            case ABS -> {
              FloatVector up = ZERO.blend(ONE, in.compare(VectorOperators.GT, ZERO));
              yield up.blend(ONE.neg(), in.compare(VectorOperators.LT, ZERO));
            }
          };
      store(load(dy, i).fma(slope, load(dx, i)), dx, i);
    }
  }

  @Override
  public void binary(Kernels.Binary f, long a, long b, long out, long n) {
    long whole = n - n % LANES;
    LoopUnit loop =
        switch (f) {
          case ADD -> SUM;
          case SUB -> DIFFERENCE;
          case MUL -> PRODUCT;
        };
    loop.run(a, b, out, whole);
    rest.binary(f, a, b, out, whole, n);
  }

  static void addition(long a, long b, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).add(load(b, i)), out, i);
    }
  }

  static void subtraction(long a, long b, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).sub(load(b, i)), out, i);
    }
  }

  static void multiplication(long a, long b, long out, long n) {
    for (long i = 0; i < n; i += LANES) {
      store(load(a, i).mul(load(b, i)), out, i);
    }
  }

  @Override
  public void axpy(double alpha, long x, long y, long n) {
    long whole = n - n % LANES;
    AXPY.run((float) alpha, x, y, whole);
    rest.axpy((float) alpha, x, y, whole, n);
  }

  static void multiplyAdd(float alpha, long x, long y, long n) {
    FloatVector factor = all(alpha);
    for (long i = 0; i < n; i += LANES) {
      store(factor.fma(load(x, i), load(y, i)), y, i);
    }
  }

  @Override
  public void scale(double alpha, long x, long n) {
    long whole = n - n % LANES;
    SCALE.run((float) alpha, x, x, whole);
    rest.scale((float) alpha, x, whole, n);
  }

  static void multiply(float alpha, long x, long out, long n) {
    FloatVector factor = all(alpha);
    for (long i = 0; i < n; i += LANES) {
      store(factor.mul(load(x, i)), out, i);
    }
  }

  @Override
  public void clip(double limit, long x, long n) {
    long whole = n - n % LANES;
    CLIP.run((float) limit, x, x, whole);
    rest.clip(limit, x, whole, n);
  }

  static void limit(float limit, long x, long out, long n) {
    FloatVector high = all(limit);
    FloatVector low = all(-limit);
    for (long i = 0; i < n; i += LANES) {
      FloatVector value = load(x, i);
      FloatVector below = value.blend(high, value.compare(VectorOperators.GT, high));
      store(below.blend(low, value.compare(VectorOperators.LT, low)), out, i);
    }
  }

  @Override
  public double sum(long x, long n) {
    return VectorSums.sum(x, n);
  }

  @Override
  public double sumOfSquares(long x, long n) {
    return VectorSums.sumOfSquares(x, n);
  }

  @Override
  public void sgd(long parameter, long gradient, Kernels.SgdStep step, long n) {
    long whole = n - n % LANES;
    VectorOptimizers.sgd(parameter, gradient, step, whole);
    rest.sgd(parameter, gradient, step, whole, n);
  }

  @Override
  public void sgd(long parameter, long gradient, long velocity, Kernels.SgdStep step, long n) {
    long whole = n - n % LANES;
    VectorOptimizers.sgd(parameter, gradient, velocity, step, whole);
    rest.sgd(parameter, gradient, velocity, step, whole, n);
  }

  @Override
  public void adam(long parameter, long gradient, long m, long v, Kernels.AdamStep step, long n) {
    long whole = n - n % LANES;
    VectorOptimizers.adam(parameter, gradient, m, v, step, whole);
    rest.adam(parameter, gradient, m, v, step, whole, n);
  }

  @Override
  public StridedLoops strided() {
    return new VectorStridedF32();
  }

  @Override
  public ActivationLoops activations() {
    return new VectorActivationsF32();
  }
}
