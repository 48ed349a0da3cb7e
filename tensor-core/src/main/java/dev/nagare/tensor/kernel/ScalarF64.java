package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getDouble;
import static dev.nagare.tensor.kernel.Addresses.setDouble;

import dev.nagare.tensor.kernel.Kernels.Unary;

/**
 * F64 loops, one element at a time, for gradient checks; functions are those of {@link StrictMath}.
 */
final class ScalarF64 implements Loops {
  private final GruCell gruCell = new ScalarGruF64();
  private final RowLoops rows = new ScalarRowsF64();

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
    for (int i = 0; i < m; i++) {
      for (int p = 0; p < k; p++) {
        double factor = getDouble(a, i * aRow + p * aColumn);
        for (int j = 0; j < n; j++) {
          long to = i * outRow + j;
          setDouble(out, to, Math.fma(factor, getDouble(b, p * bRow + j), getDouble(out, to)));
        }
      }
    }
  }

  @Override
  public void transpose(long x, long out, int rows, int columns) {
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        setDouble(out, (long) j * rows + i, getDouble(x, (long) i * columns + j));
      }
    }
  }

  @Override
  public void activateGates(long gates, int hidden) {
    long part = 8L * hidden;
    unary(Unary.SIGMOID, gates, gates, 2L * hidden);
    unary(Unary.TANH, gates + 2 * part, gates + 2 * part, hidden);
    unary(Unary.SIGMOID, gates + 3 * part, gates + 3 * part, hidden);
  }

  @Override
  public void cell(long gates, long cBefore, long c, long h, int hidden) {
    for (int j = 0; j < hidden; j++) {
      double i = getDouble(gates, j);
      double f = getDouble(gates, j + hidden);
      double g = getDouble(gates, j + 2L * hidden);
      double o = getDouble(gates, j + 3L * hidden);
      double cell = Math.fma(f, getDouble(cBefore, j), i * g);
      setDouble(c, j, cell);
      setDouble(h, j, o * StrictMath.tanh(cell));
    }
  }

  @Override
  public void cellBackward(long gates, long cBefore, long c, long dh, long dc, int hidden) {
    for (int j = 0; j < hidden; j++) {
      double i = getDouble(gates, j);
      double f = getDouble(gates, j + hidden);
      double g = getDouble(gates, j + 2L * hidden);
      double o = getDouble(gates, j + 3L * hidden);
      double tanh = StrictMath.tanh(getDouble(c, j));
      double up = getDouble(dh, j);
      double cell = Math.fma(up * o, 1 - tanh * tanh, getDouble(dc, j));
      setDouble(gates, j, cell * g * (i * (1 - i)));
      setDouble(gates, j + hidden, cell * getDouble(cBefore, j) * (f * (1 - f)));
      setDouble(gates, j + 2L * hidden, cell * i * (1 - g * g));
      setDouble(gates, j + 3L * hidden, up * tanh * (o * (1 - o)));
      setDouble(dc, j, cell * f);
    }
  }

  @Override
  public void unary(Unary f, long x, long out, long n) {
    for (long i = 0; i < n; i++) {
      double v = getDouble(x, i);
      double y =
          switch (f) {
            case SIGMOID -> 1 / (1 + StrictMath.exp(-v));
            case TANH -> StrictMath.tanh(v);
            case RELU -> v <= 0 ? 0 : v; // a NaN stays one
            case EXP -> StrictMath.exp(v);
            case SQUARE -> v * v;
            case ABS -> Math.abs(v);
          };
      setDouble(out, i, y);
    }
  }

  @Override
  public void unaryBackward(Unary f, long x, long y, long dy, long dx, long n) {
    for (long i = 0; i < n; i++) {
      double in = getDouble(x, i);
      double out = getDouble(y, i);
      double slope =
          switch (f) {
            case SIGMOID -> out * (1 - out);
            case TANH -> 1 - out * out;
            case RELU -> in > 0 ? 1 : 0;
            case EXP -> out;
            case SQUARE -> 2 * in;
            case ABS -> in > 0 ? 1 : in < 0 ? -1 : 0;
          };
      setDouble(dx, i, Math.fma(getDouble(dy, i), slope, getDouble(dx, i)));
    }
  }

  @Override
  public void binary(Kernels.Binary f, long a, long b, long out, long n) {
    for (long i = 0; i < n; i++) {
      double left = getDouble(a, i);
      double right = getDouble(b, i);
      double result =
          switch (f) {
            case ADD -> left + right;
            case SUB -> left - right;
            case MUL -> left * right;
          };
      setDouble(out, i, result);
    }
  }

  @Override
  public void axpy(double alpha, long x, long y, long n) {
    for (long i = 0; i < n; i++) {
      setDouble(y, i, Math.fma(alpha, getDouble(x, i), getDouble(y, i)));
    }
  }

  @Override
  public void scale(double alpha, long x, long n) {
    for (long i = 0; i < n; i++) {
      setDouble(x, i, alpha * getDouble(x, i));
    }
  }

  @Override
  public void clip(double limit, long x, long n) {
    for (long i = 0; i < n; i++) {
      double value = getDouble(x, i);
      setDouble(x, i, value > limit ? limit : value < -limit ? -limit : value);
    }
  }

  @Override
  public double sum(long x, long n) {
    double total = 0;
    for (long from = 0; from < n; from += BLOCK) {
      double[] partials = new double[PARTIALS];
      for (long i = from, end = Math.min(n, from + BLOCK); i < end; i++) {
        partials[(int) (i % PARTIALS)] += getDouble(x, i);
      }
      total += Tree.sum(partials);
    }
    return total;
  }

  @Override
  public double sumOfSquares(long x, long n) {
    double total = 0;
    for (long from = 0; from < n; from += BLOCK) {
      double[] partials = new double[PARTIALS];
      for (long i = from, end = Math.min(n, from + BLOCK); i < end; i++) {
        double v = getDouble(x, i);
        int partial = (int) (i % PARTIALS);
        partials[partial] = Math.fma(v, v, partials[partial]);
      }
      total += Tree.sum(partials);
    }
    return total;
  }

  @Override
  public void sgd(long parameter, long gradient, Kernels.SgdStep step, long n) {
    double size = -step.learningRate();
    double decay = step.weightDecay();
    double scale = step.gradientScale();
    for (long i = 0; i < n; i++) {
      double p = getDouble(parameter, i);
      double g = Math.fma(decay, p, scale * getDouble(gradient, i));
      setDouble(parameter, i, Math.fma(size, g, p));
    }
  }

  @Override
  public void sgd(long parameter, long gradient, long velocity, Kernels.SgdStep step, long n) {
    double size = -step.learningRate();
    double decay = step.weightDecay();
    double scale = step.gradientScale();
    double momentum = step.momentum();
    double gain = step.gain();
    for (long i = 0; i < n; i++) {
      double p = getDouble(parameter, i);
      double g = Math.fma(decay, p, scale * getDouble(gradient, i));
      double moving = Math.fma(momentum, getDouble(velocity, i), gain * g);
      setDouble(velocity, i, moving);
      double direction = step.nesterov() ? Math.fma(momentum, moving, g) : moving;
      setDouble(parameter, i, Math.fma(size, direction, p));
    }
  }

  @Override
  public void adam(long parameter, long gradient, long m, long v, Kernels.AdamStep step, long n) {
    double scale = step.gradientScale();
    double beta1 = step.beta1();
    double beta2 = step.beta2();
    double size = -step.learningRate() / step.biasCorrection1();
    double root = 1 / Math.sqrt(step.biasCorrection2());
    for (long i = 0; i < n; i++) {
      double p = getDouble(parameter, i);
      double g = scale * getDouble(gradient, i);
      if (step.decays()) {
        g = Math.fma(step.weightDecay(), p, g);
      }
      double first = Math.fma(beta1, getDouble(m, i), (1 - beta1) * g);
      double second = Math.fma(beta2, getDouble(v, i), (1 - beta2) * (g * g));
      setDouble(m, i, first);
      setDouble(v, i, second);
      double divisor = Math.fma(Math.sqrt(second), root, step.epsilon());
      setDouble(parameter, i, Math.fma(size, first / divisor, step.shrink() * p));
    }
  }

  @Override
  public StridedLoops strided() {
    return new ScalarStridedF64();
  }

  @Override
  public ActivationLoops activations() {
    return new ScalarActivationsF64();
  }
}
