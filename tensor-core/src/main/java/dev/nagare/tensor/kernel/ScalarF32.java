package dev.nagare.tensor.kernel;

import static dev.nagare.tensor.kernel.Addresses.getFloat;
import static dev.nagare.tensor.kernel.Addresses.setFloat;

import dev.nagare.tensor.kernel.Kernels.Unary;
import java.util.Arrays;

/**
 * F32 loops, one element at a time: the reference that {@link VectorF32} equals bit for bit, and
 * what does its last elements (the methods with {@code from}).
 */
final class ScalarF32 implements Loops {
  private final GruCell gruCell = new ScalarGruF32();
  private final RowLoops rows = new ScalarRowsF32();

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
      long to = out + 4L * i * outRow;
      for (int p = 0; p < k; p++) {
        float factor = getFloat(a, i * aRow + p * aColumn);
        long from = b + 4L * p * bRow;
        for (int j = 0; j < n; j++) {
          setFloat(to, j, Math.fma(factor, getFloat(from, j), getFloat(to, j)));
        }
      }
    }
  }

  @Override
  public void transpose(long x, long out, int rows, int columns) {
    // In tiles, since a column of a wide matrix falls on few lines of the cache.
    int tile = 16;
    for (int i0 = 0; i0 < rows; i0 += tile) {
      int iEnd = Math.min(i0 + tile, rows);
      for (int j0 = 0; j0 < columns; j0 += tile) {
        int jEnd = Math.min(j0 + tile, columns);
        for (int j = j0; j < jEnd; j++) {
          for (int i = i0; i < iEnd; i++) {
            setFloat(out, (long) j * rows + i, getFloat(x, (long) i * columns + j));
          }
        }
      }
    }
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
    cell(gates, cBefore, c, h, 0, hidden);
  }

  void cell(long gates, long cBefore, long c, long h, int from, int hidden) {
    for (int j = from; j < hidden; j++) {
      float i = getFloat(gates, j);
      float f = getFloat(gates, j + hidden);
      float g = getFloat(gates, j + 2L * hidden);
      float o = getFloat(gates, j + 3L * hidden);
      float cell = Math.fma(f, getFloat(cBefore, j), i * g);
      setFloat(c, j, cell);
      setFloat(h, j, o * MathF32.tanh(cell));
    }
  }

  @Override
  public void cellBackward(long gates, long cBefore, long c, long dh, long dc, int hidden) {
    cellBackward(gates, cBefore, c, dh, dc, 0, hidden);
  }

  void cellBackward(long gates, long cBefore, long c, long dh, long dc, int from, int hidden) {
    for (int j = from; j < hidden; j++) {
      float i = getFloat(gates, j);
      float f = getFloat(gates, j + hidden);
      float g = getFloat(gates, j + 2L * hidden);
      float o = getFloat(gates, j + 3L * hidden);
      float tanh = MathF32.tanh(getFloat(c, j));
      float up = getFloat(dh, j);
      float cell = Math.fma(up * o, 1f - tanh * tanh, getFloat(dc, j));
      setFloat(gates, j, cell * g * (i * (1f - i)));
      setFloat(gates, j + hidden, cell * getFloat(cBefore, j) * (f * (1f - f)));
      setFloat(gates, j + 2L * hidden, cell * i * (1f - g * g));
      setFloat(gates, j + 3L * hidden, up * tanh * (o * (1f - o)));
      setFloat(dc, j, cell * f);
    }
  }

  @Override
  public void unary(Unary f, long x, long out, long n) {
    unary(f, x, out, 0, n);
  }

  void unary(Unary f, long x, long out, long from, long n) {
    for (long i = from; i < n; i++) {
      float v = getFloat(x, i);
      float y =
          switch (f) {
            case SIGMOID -> MathF32.sigmoid(v);
            case TANH -> MathF32.tanh(v);
            case RELU -> v <= 0f ? 0f : v; // a NaN stays one
            case EXP -> MathF32.exp(v);
            case SQUARE -> v * v;
            case ABS -> Math.abs(v);
          };
      setFloat(out, i, y);
    }
  }

  @Override
  public void unaryBackward(Unary f, long x, long y, long dy, long dx, long n) {
    unaryBackward(f, x, y, dy, dx, 0, n);
  }

  void unaryBackward(Unary f, long x, long y, long dy, long dx, long from, long n) {
    for (long i = from; i < n; i++) {
      float in = getFloat(x, i);
      float out = getFloat(y, i);
      float slope =
          switch (f) {
            case SIGMOID -> out * (1f - out);
            case TANH -> 1f - out * out;
            case RELU -> in > 0f ? 1f : 0f;
            case EXP -> out;
            case SQUARE -> 2f * in;
            case ABS -> in > 0f ? 1f : in < 0f ? -1f : 0f;
          };
      setFloat(dx, i, Math.fma(getFloat(dy, i), slope, getFloat(dx, i)));
    }
  }

  @Override
  public void binary(Kernels.Binary f, long a, long b, long out, long n) {
    binary(f, a, b, out, 0, n);
  }

  void binary(Kernels.Binary f, long a, long b, long out, long from, long n) {
    for (long i = from; i < n; i++) {
      float left = getFloat(a, i);
      float right = getFloat(b, i);
      float result =
          switch (f) {
            case ADD -> left + right;
            case SUB -> left - right;
            case MUL -> left * right;
          };
      setFloat(out, i, result);
    }
  }

  @Override
  public void axpy(double alpha, long x, long y, long n) {
    axpy((float) alpha, x, y, 0, n);
  }

  void axpy(float alpha, long x, long y, long from, long n) {
    for (long i = from; i < n; i++) {
      setFloat(y, i, Math.fma(alpha, getFloat(x, i), getFloat(y, i)));
    }
  }

  @Override
  public void scale(double alpha, long x, long n) {
    scale((float) alpha, x, 0, n);
  }

  void scale(float alpha, long x, long from, long n) {
    for (long i = from; i < n; i++) {
      setFloat(x, i, alpha * getFloat(x, i));
    }
  }

  @Override
  public void clip(double limit, long x, long n) {
    clip(limit, x, 0, n);
  }

  void clip(double limit, long x, long from, long n) {
    float high = (float) limit;
    for (long i = from; i < n; i++) {
      float value = getFloat(x, i);
      setFloat(x, i, value > high ? high : value < -high ? -high : value);
    }
  }

  @Override
  public double sum(long x, long n) {
    float[] partials = Scratch.ofThread().partials();
    double total = 0;
    for (long from = 0; from < n; from += BLOCK) {
      Arrays.fill(partials, 0);
      for (long i = from, end = Math.min(n, from + BLOCK); i < end; i++) {
        partials[(int) (i % PARTIALS)] += getFloat(x, i);
      }
      total += Tree.sum(partials);
    }
    return total;
  }

  @Override
  public double sumOfSquares(long x, long n) {
    float[] partials = Scratch.ofThread().partials();
    double total = 0;
    for (long from = 0; from < n; from += BLOCK) {
      Arrays.fill(partials, 0);
      for (long i = from, end = Math.min(n, from + BLOCK); i < end; i++) {
        float v = getFloat(x, i);
        int partial = (int) (i % PARTIALS);
        partials[partial] = Math.fma(v, v, partials[partial]);
      }
      total += Tree.sum(partials);
    }
    return total;
  }

  @Override
  public void sgd(long parameter, long gradient, Kernels.SgdStep step, long n) {
    sgd(parameter, gradient, step, 0, n);
  }

  void sgd(long parameter, long gradient, Kernels.SgdStep step, long from, long n) {
    float size = (float) -step.learningRate();
    float decay = (float) step.weightDecay();
    float scale = (float) step.gradientScale();
    for (long i = from; i < n; i++) {
      float p = getFloat(parameter, i);
      float g = Math.fma(decay, p, scale * getFloat(gradient, i));
      setFloat(parameter, i, Math.fma(size, g, p));
    }
  }

  @Override
  public void sgd(long parameter, long gradient, long velocity, Kernels.SgdStep step, long n) {
    sgd(parameter, gradient, velocity, step, 0, n);
  }

  void sgd(long parameter, long gradient, long velocity, Kernels.SgdStep step, long from, long n) {
    float size = (float) -step.learningRate();
    float decay = (float) step.weightDecay();
    float scale = (float) step.gradientScale();
    float momentum = (float) step.momentum();
    float gain = (float) step.gain();
    for (long i = from; i < n; i++) {
      float p = getFloat(parameter, i);
      float g = Math.fma(decay, p, scale * getFloat(gradient, i));
      float moving = Math.fma(momentum, getFloat(velocity, i), gain * g);
      setFloat(velocity, i, moving);
      float direction = step.nesterov() ? Math.fma(momentum, moving, g) : moving;
      setFloat(parameter, i, Math.fma(size, direction, p));
    }
  }

  @Override
  public void adam(long parameter, long gradient, long m, long v, Kernels.AdamStep step, long n) {
    adam(parameter, gradient, m, v, step, 0, n);
  }

  void adam(
      long parameter, long gradient, long m, long v, Kernels.AdamStep step, long from, long n) {
    float scale = (float) step.gradientScale();
    float beta1 = (float) step.beta1();
    float beta2 = (float) step.beta2();
    float rest1 = (float) (1 - step.beta1());
    float rest2 = (float) (1 - step.beta2());
    float size = (float) (-step.learningRate() / step.biasCorrection1());
    float root = (float) (1 / Math.sqrt(step.biasCorrection2()));
    float epsilon = (float) step.epsilon();
    boolean decays = step.decays();
    float decay = (float) step.weightDecay();
    float shrink = (float) step.shrink();
    for (long i = from; i < n; i++) {
      float p = getFloat(parameter, i);
      float g = scale * getFloat(gradient, i);
      if (decays) {
        g = Math.fma(decay, p, g);
      }
      float first = Math.fma(beta1, getFloat(m, i), rest1 * g);
      float second = Math.fma(beta2, getFloat(v, i), rest2 * (g * g));
      setFloat(m, i, first);
      setFloat(v, i, second);
      float divisor = Math.fma((float) Math.sqrt(second), root, epsilon);
      setFloat(parameter, i, Math.fma(size, first / divisor, shrink * p));
    }
  }

  @Override
  public StridedLoops strided() {
    return new ScalarStridedF32();
  }

  @Override
  public ActivationLoops activations() {
    return new ScalarActivationsF32();
  }
}
