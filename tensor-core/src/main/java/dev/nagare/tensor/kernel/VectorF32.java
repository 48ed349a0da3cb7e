package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.VectorMath.FLOATS;
import static dev.nagare.tensor.kernel.VectorMath.ONE;
import static dev.nagare.tensor.kernel.VectorMath.ZERO;
import static dev.nagare.tensor.kernel.VectorMath.all;
import static dev.nagare.tensor.kernel.VectorMath.load;
import static dev.nagare.tensor.kernel.VectorMath.store;

import dev.nagare.tensor.kernel.Kernels.Unary;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * F32 loops over vectors of the machine's width, with the bits of {@link ScalarF32}, which also
 * does the elements that fill no vector.
 *
 * <p>Only operations with one result are used: sums across lanes and vector functions of the JDK
 * are not, since their bits change when C2 compiles them. Loops are short and many: C2 stops
 * inlining in a method that grows too large, and a vector operation that is not inlined leaves an
 * object on the heap.
 */
final class VectorF32 implements Loops {
  private static final int LANES = FLOATS.length();

  private final ScalarF32 rest = new ScalarF32();

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

  @Override
  public void activateGates(long gates, int hidden) {
    long part = 4L * hidden;
    sigmoid(gates, gates, 2L * hidden);
    tanh(gates + 2 * part, gates + 2 * part, hidden);
    sigmoid(gates + 3 * part, gates + 3 * part, hidden);
  }

  @Override
  public void cell(long gates, long cBefore, long c, long h, int hidden) {
    int whole = hidden - hidden % LANES;
    for (int j = 0; j < whole; j += LANES) {
      FloatVector written = load(gates, j).mul(load(gates, j + 2L * hidden));
      FloatVector cell = load(gates, j + hidden).fma(load(cBefore, j), written);
      store(cell, c, j);
      store(load(gates, j + 3L * hidden).mul(VectorMath.tanh(cell)), h, j);
    }
    rest.cell(gates, cBefore, c, h, whole, hidden);
  }

  @Override
  public void cellBackward(long gates, long cBefore, long c, long dh, long dc, int hidden) {
    int whole = hidden - hidden % LANES;
    outputGateBackward(gates + 12L * hidden, c, dh, dc, whole);
    otherGatesBackward(gates, cBefore, dc, hidden, whole);
    rest.cellBackward(gates, cBefore, c, dh, dc, whole, hidden);
  }

  private static void outputGateBackward(long gate, long c, long dh, long dc, int n) {
    for (int j = 0; j < n; j += LANES) {
      FloatVector o = load(gate, j);
      FloatVector tanh = VectorMath.tanh(load(c, j));
      FloatVector up = load(dh, j);
      store(up.mul(o).fma(ONE.sub(tanh.mul(tanh)), load(dc, j)), dc, j);
      store(up.mul(tanh).mul(o.mul(ONE.sub(o))), gate, j);
    }
  }

  private static void otherGatesBackward(long gates, long cBefore, long dc, int hidden, int n) {
    for (int j = 0; j < n; j += LANES) {
      FloatVector cell = load(dc, j);
      FloatVector i = load(gates, j);
      FloatVector f = load(gates, j + hidden);
      FloatVector g = load(gates, j + 2L * hidden);
      store(cell.mul(g).mul(i.mul(ONE.sub(i))), gates, j);
      store(cell.mul(load(cBefore, j)).mul(f.mul(ONE.sub(f))), gates, j + hidden);
      store(cell.mul(i).mul(ONE.sub(g.mul(g))), gates, j + 2L * hidden);
      store(cell.mul(f), dc, j);
    }
  }

  @Override
  public void unary(Unary f, long x, long out, long n) {
    long whole = n - n % LANES;
    switch (f) {
      case SIGMOID -> {
        sigmoid(x, out, n);
        return;
      }
      case TANH -> {
        tanh(x, out, n);
        return;
      }
      case RELU -> {
        for (long i = 0; i < whole; i += LANES) {
          FloatVector v = load(x, i);
          store(v.blend(ZERO, v.compare(VectorOperators.LE, ZERO)), out, i);
        }
      }
      case EXP -> {
        for (long i = 0; i < whole; i += LANES) {
          store(VectorMath.exp(load(x, i)), out, i);
        }
      }
      case SQUARE -> {
        for (long i = 0; i < whole; i += LANES) {
          FloatVector v = load(x, i);
          store(v.mul(v), out, i);
        }
      }
      case ABS -> {
        for (long i = 0; i < whole; i += LANES) {
          store(load(x, i).abs(), out, i);
        }
      }
    }
    rest.unary(f, x, out, whole, n);
  }

  private void sigmoid(long x, long out, long n) {
    long whole = n - n % LANES;
    for (long i = 0; i < whole; i += LANES) {
      store(VectorMath.sigmoid(load(x, i)), out, i);
    }
    rest.unary(Unary.SIGMOID, x, out, whole, n);
  }

  private void tanh(long x, long out, long n) {
    long whole = n - n % LANES;
    for (long i = 0; i < whole; i += LANES) {
      store(VectorMath.tanh(load(x, i)), out, i);
    }
    rest.unary(Unary.TANH, x, out, whole, n);
  }

  @Override
  public void unaryBackward(Unary f, long x, long y, long dy, long dx, long n) {
    long whole = n - n % LANES;
    for (long i = 0; i < whole; i += LANES) {
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
    rest.unaryBackward(f, x, y, dy, dx, whole, n);
  }

  @Override
  public void binary(Kernels.Binary f, long a, long b, long out, long n) {
    long whole = n - n % LANES;
    for (long i = 0; i < whole; i += LANES) {
      FloatVector left = load(a, i);
      FloatVector right = load(b, i);
      FloatVector result =
          switch (f) {
            case ADD -> left.add(right);
            case SUB -> left.sub(right);
            case MUL -> left.mul(right);
          };
      store(result, out, i);
    }
    rest.binary(f, a, b, out, whole, n);
  }

  @Override
  public void axpy(double alpha, long x, long y, long n) {
    FloatVector factor = all((float) alpha);
    long whole = n - n % LANES;
    for (long i = 0; i < whole; i += LANES) {
      store(factor.fma(load(x, i), load(y, i)), y, i);
    }
    rest.axpy((float) alpha, x, y, whole, n);
  }

  @Override
  public void scale(double alpha, long x, long n) {
    FloatVector factor = all((float) alpha);
    long whole = n - n % LANES;
    for (long i = 0; i < whole; i += LANES) {
      store(factor.mul(load(x, i)), x, i);
    }
    rest.scale((float) alpha, x, whole, n);
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
  public void adam(long parameter, long gradient, long m, long v, Kernels.AdamStep step, long n) {
    FloatVector scale = all((float) step.gradientScale());
    FloatVector beta1 = all((float) step.beta1());
    FloatVector beta2 = all((float) step.beta2());
    FloatVector rest1 = all((float) (1 - step.beta1()));
    FloatVector rest2 = all((float) (1 - step.beta2()));
    FloatVector size = all((float) (-step.learningRate() / step.biasCorrection1()));
    FloatVector root = all((float) (1 / Math.sqrt(step.biasCorrection2())));
    FloatVector epsilon = all((float) step.epsilon());
    long whole = n - n % LANES;
    for (long i = 0; i < whole; i += LANES) {
      FloatVector g = scale.mul(load(gradient, i));
      FloatVector first = beta1.fma(load(m, i), rest1.mul(g));
      FloatVector second = beta2.fma(load(v, i), rest2.mul(g.mul(g)));
      store(first, m, i);
      store(second, v, i);
      FloatVector divisor = second.sqrt().fma(root, epsilon);
      store(size.fma(first.div(divisor), load(parameter, i)), parameter, i);
    }
    rest.adam(parameter, gradient, m, v, step, whole, n);
  }
}
