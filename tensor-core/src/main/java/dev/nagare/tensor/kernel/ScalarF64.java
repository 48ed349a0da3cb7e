package dev.nagare.tensor.kernel;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import java.lang.foreign.MemorySegment;

/**
 * F64 loops, one element at a time, for gradient checks; functions are those of {@link StrictMath}.
 */
final class ScalarF64 implements Loops {

  @Override
  public void product(
      MemorySegment a,
      long aAt,
      long aRow,
      long aColumn,
      MemorySegment b,
      long bAt,
      long bRow,
      MemorySegment out,
      long outAt,
      long outRow,
      int m,
      int n,
      int k) {
    for (int i = 0; i < m; i++) {
      for (int p = 0; p < k; p++) {
        double factor = get(a, aAt + i * aRow + p * aColumn);
        long from = bAt + p * bRow;
        long to = outAt + i * outRow;
        for (int j = 0; j < n; j++) {
          set(out, to + j, Math.fma(factor, get(b, from + j), get(out, to + j)));
        }
      }
    }
  }

  @Override
  public void transpose(MemorySegment x, MemorySegment out, int rows, int columns) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        set(out, (long) j * rows + i, get(x, (long) i * columns + j));
      }
    }
  }

  @Override
  public void activateGates(
      MemorySegment gates,
      long gatesAt,
      MemorySegment cBefore,
      long cBeforeAt,
      MemorySegment c,
      long cAt,
      MemorySegment h,
      long hAt,
      int hidden) {
    for (int j = 0; j < hidden; j++) {
      long at = gatesAt + j;
      double i = sigmoid(get(gates, at));
      double f = sigmoid(get(gates, at + hidden));
      double g = StrictMath.tanh(get(gates, at + 2L * hidden));
      double o = sigmoid(get(gates, at + 3L * hidden));
      double cell = Math.fma(f, get(cBefore, cBeforeAt + j), i * g);
      set(gates, at, i);
      set(gates, at + hidden, f);
      set(gates, at + 2L * hidden, g);
      set(gates, at + 3L * hidden, o);
      set(c, cAt + j, cell);
      set(h, hAt + j, o * StrictMath.tanh(cell));
    }
  }

  @Override
  public void differentiateGates(
      MemorySegment gates,
      long gatesAt,
      MemorySegment cBefore,
      long cBeforeAt,
      MemorySegment c,
      long cAt,
      MemorySegment dh,
      long dhAt,
      MemorySegment dc,
      long dcAt,
      int hidden) {
    for (int j = 0; j < hidden; j++) {
      long at = gatesAt + j;
      double i = get(gates, at);
      double f = get(gates, at + hidden);
      double g = get(gates, at + 2L * hidden);
      double o = get(gates, at + 3L * hidden);
      double tanh = StrictMath.tanh(get(c, cAt + j));
      double up = get(dh, dhAt + j);
      double cell = Math.fma(up * o, 1 - tanh * tanh, get(dc, dcAt + j));
      set(gates, at, cell * g * (i * (1 - i)));
      set(gates, at + hidden, cell * get(cBefore, cBeforeAt + j) * (f * (1 - f)));
      set(gates, at + 2L * hidden, cell * i * (1 - g * g));
      set(gates, at + 3L * hidden, up * tanh * (o * (1 - o)));
      set(dc, dcAt + j, cell * f);
    }
  }

  @Override
  public void unary(Kernels.Unary f, MemorySegment x, MemorySegment out, long n) {
    for (long i = 0; i < n; i++) {
      double v = get(x, i);
      set(
          out,
          i,
          switch (f) {
            case SIGMOID -> sigmoid(v);
            case TANH -> StrictMath.tanh(v);
            case RELU -> v <= 0 ? 0 : v; // a NaN stays one
            case EXP -> StrictMath.exp(v);
            case SQUARE -> v * v;
            case ABS -> Math.abs(v);
          });
    }
  }

  @Override
  public void unaryBackward(
      Kernels.Unary f,
      MemorySegment x,
      MemorySegment y,
      MemorySegment dy,
      MemorySegment dx,
      long n) {
    for (long i = 0; i < n; i++) {
      double in = get(x, i);
      double out = get(y, i);
      double slope =
          switch (f) {
            case SIGMOID -> out * (1 - out);
            case TANH -> 1 - out * out;
            case RELU -> in > 0 ? 1 : 0;
            case EXP -> out;
            case SQUARE -> 2 * in;
            case ABS -> in > 0 ? 1 : in < 0 ? -1 : 0;
          };
      set(dx, i, Math.fma(get(dy, i), slope, get(dx, i)));
    }
  }

  @Override
  public void binary(
      Kernels.Binary f,
      MemorySegment a,
      long aAt,
      MemorySegment b,
      long bAt,
      MemorySegment out,
      long outAt,
      long n) {
    for (long i = 0; i < n; i++) {
      double left = get(a, aAt + i);
      double right = get(b, bAt + i);
      set(
          out,
          outAt + i,
          switch (f) {
            case ADD -> left + right;
            case SUB -> left - right;
            case MUL -> left * right;
          });
    }
  }

  @Override
  public void axpy(double alpha, MemorySegment x, MemorySegment y, long n) {
    for (long i = 0; i < n; i++) {
      set(y, i, Math.fma(alpha, get(x, i), get(y, i)));
    }
  }

  @Override
  public void scale(double alpha, MemorySegment x, long n) {
    for (long i = 0; i < n; i++) {
      set(x, i, alpha * get(x, i));
    }
  }

  @Override
  public double sum(MemorySegment x, long n) {
    double total = 0;
    for (long from = 0; from < n; from += BLOCK) {
      double[] partials = new double[PARTIALS];
      for (long i = from, end = Math.min(n, from + BLOCK); i < end; i++) {
        partials[(int) (i % PARTIALS)] += get(x, i);
      }
      total += Tree.sum(partials);
    }
    return total;
  }

  @Override
  public double sumOfSquares(MemorySegment x, long n) {
    double total = 0;
    for (long from = 0; from < n; from += BLOCK) {
      double[] partials = new double[PARTIALS];
      for (long i = from, end = Math.min(n, from + BLOCK); i < end; i++) {
        double v = get(x, i);
        partials[(int) (i % PARTIALS)] = Math.fma(v, v, partials[(int) (i % PARTIALS)]);
      }
      total += Tree.sum(partials);
    }
    return total;
  }

  @Override
  public void adam(
      MemorySegment parameter,
      MemorySegment gradient,
      MemorySegment m,
      MemorySegment v,
      Kernels.AdamStep step,
      long n) {
    double scale = step.gradientScale();
    double beta1 = step.beta1();
    double beta2 = step.beta2();
    double rest1 = 1 - step.beta1();
    double rest2 = 1 - step.beta2();
    double size = -step.learningRate() / step.biasCorrection1();
    double root = 1 / Math.sqrt(step.biasCorrection2());
    double epsilon = step.epsilon();
    for (long i = 0; i < n; i++) {
      double g = scale * get(gradient, i);
      double first = Math.fma(beta1, get(m, i), rest1 * g);
      double second = Math.fma(beta2, get(v, i), rest2 * (g * g));
      set(m, i, first);
      set(v, i, second);
      double divisor = Math.fma(Math.sqrt(second), root, epsilon);
      set(parameter, i, Math.fma(size, first / divisor, get(parameter, i)));
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }

  private static double get(MemorySegment segment, long index) {
    return segment.getAtIndex(JAVA_DOUBLE, index);
  }

  private static void set(MemorySegment segment, long index, double value) {
    segment.setAtIndex(JAVA_DOUBLE, index, value);
  }
}
