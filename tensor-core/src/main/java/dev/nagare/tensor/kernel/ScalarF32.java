package dev.nagare.tensor.kernel;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** F32 loops, one element at a time: the reference that {@link VectorF32} equals bit for bit. */
final class ScalarF32 implements Loops {

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
        float factor = get(a, aAt + i * aRow + p * aColumn);
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
    transposeFloats(x, out, rows, columns);
  }

  /** In tiles, since a column of a wide matrix falls on few lines of the cache. */
  static void transposeFloats(MemorySegment x, MemorySegment out, int rows, int columns) {
    int tile = 16;
    for (int i0 = 0; i0 < rows; i0 += tile) {
      int iEnd = Math.min(i0 + tile, rows);
      for (int j0 = 0; j0 < columns; j0 += tile) {
        int jEnd = Math.min(j0 + tile, columns);
        for (int j = j0; j < jEnd; j++) {
          for (int i = i0; i < iEnd; i++) {
            set(out, (long) j * rows + i, get(x, (long) i * columns + j));
          }
        }
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
    activateGates(gates, gatesAt, cBefore, cBeforeAt, c, cAt, h, hAt, 0, hidden);
  }

  static void activateGates(
      MemorySegment gates,
      long gatesAt,
      MemorySegment cBefore,
      long cBeforeAt,
      MemorySegment c,
      long cAt,
      MemorySegment h,
      long hAt,
      int from,
      int hidden) {
    for (int j = from; j < hidden; j++) {
      long at = gatesAt + j;
      float i = MathF32.sigmoid(get(gates, at));
      float f = MathF32.sigmoid(get(gates, at + hidden));
      float g = MathF32.tanh(get(gates, at + 2L * hidden));
      float o = MathF32.sigmoid(get(gates, at + 3L * hidden));
      float cell = Math.fma(f, get(cBefore, cBeforeAt + j), i * g);
      set(gates, at, i);
      set(gates, at + hidden, f);
      set(gates, at + 2L * hidden, g);
      set(gates, at + 3L * hidden, o);
      set(c, cAt + j, cell);
      set(h, hAt + j, o * MathF32.tanh(cell));
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
    differentiateGates(gates, gatesAt, cBefore, cBeforeAt, c, cAt, dh, dhAt, dc, dcAt, 0, hidden);
  }

  static void differentiateGates(
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
      int from,
      int hidden) {
    for (int j = from; j < hidden; j++) {
      long at = gatesAt + j;
      float i = get(gates, at);
      float f = get(gates, at + hidden);
      float g = get(gates, at + 2L * hidden);
      float o = get(gates, at + 3L * hidden);
      float tanh = MathF32.tanh(get(c, cAt + j));
      float up = get(dh, dhAt + j);
      float cell = Math.fma(up * o, 1f - tanh * tanh, get(dc, dcAt + j));
      set(gates, at, cell * g * (i * (1f - i)));
      set(gates, at + hidden, cell * get(cBefore, cBeforeAt + j) * (f * (1f - f)));
      set(gates, at + 2L * hidden, cell * i * (1f - g * g));
      set(gates, at + 3L * hidden, up * tanh * (o * (1f - o)));
      set(dc, dcAt + j, cell * f);
    }
  }

  @Override
  public void unary(Kernels.Unary f, MemorySegment x, MemorySegment out, long n) {
    unary(f, x, out, 0, n);
  }

  static void unary(Kernels.Unary f, MemorySegment x, MemorySegment out, long from, long n) {
    for (long i = from; i < n; i++) {
      float v = get(x, i);
      set(
          out,
          i,
          switch (f) {
            case SIGMOID -> MathF32.sigmoid(v);
            case TANH -> MathF32.tanh(v);
            case RELU -> v <= 0f ? 0f : v; // a NaN stays one
            case EXP -> MathF32.exp(v);
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
    unaryBackward(f, x, y, dy, dx, 0, n);
  }

  static void unaryBackward(
      Kernels.Unary f,
      MemorySegment x,
      MemorySegment y,
      MemorySegment dy,
      MemorySegment dx,
      long from,
      long n) {
    for (long i = from; i < n; i++) {
      float in = get(x, i);
      float out = get(y, i);
      float slope =
          switch (f) {
            case SIGMOID -> out * (1f - out);
            case TANH -> 1f - out * out;
            case RELU -> in > 0f ? 1f : 0f;
            case EXP -> out;
            case SQUARE -> 2f * in;
            case ABS -> in > 0f ? 1f : in < 0f ? -1f : 0f;
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
      float left = get(a, aAt + i);
      float right = get(b, bAt + i);
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
    axpy((float) alpha, x, y, 0, n);
  }

  static void axpy(float alpha, MemorySegment x, MemorySegment y, long from, long n) {
    for (long i = from; i < n; i++) {
      set(y, i, Math.fma(alpha, get(x, i), get(y, i)));
    }
  }

  @Override
  public void scale(double alpha, MemorySegment x, long n) {
    scale((float) alpha, x, 0, n);
  }

  static void scale(float alpha, MemorySegment x, long from, long n) {
    for (long i = from; i < n; i++) {
      set(x, i, alpha * get(x, i));
    }
  }

  @Override
  public double sum(MemorySegment x, long n) {
    double total = 0;
    float[] partials = Scratch.ofThread().partials();
    for (long from = 0; from < n; from += BLOCK) {
      Arrays.fill(partials, 0);
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
    float[] partials = Scratch.ofThread().partials();
    for (long from = 0; from < n; from += BLOCK) {
      Arrays.fill(partials, 0);
      for (long i = from, end = Math.min(n, from + BLOCK); i < end; i++) {
        float v = get(x, i);
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
    adam(parameter, gradient, m, v, step, 0, n);
  }

  static void adam(
      MemorySegment parameter,
      MemorySegment gradient,
      MemorySegment m,
      MemorySegment v,
      Kernels.AdamStep step,
      long from,
      long n) {
    float scale = (float) step.gradientScale();
    float beta1 = (float) step.beta1();
    float beta2 = (float) step.beta2();
    float rest1 = (float) (1 - step.beta1());
    float rest2 = (float) (1 - step.beta2());
    float size = (float) (-step.learningRate() / step.biasCorrection1());
    float root = (float) (1 / Math.sqrt(step.biasCorrection2()));
    float epsilon = (float) step.epsilon();
    for (long i = from; i < n; i++) {
      float g = scale * get(gradient, i);
      float first = Math.fma(beta1, get(m, i), rest1 * g);
      float second = Math.fma(beta2, get(v, i), rest2 * (g * g));
      set(m, i, first);
      set(v, i, second);
      float divisor = Math.fma((float) Math.sqrt(second), root, epsilon);
      set(parameter, i, Math.fma(size, first / divisor, get(parameter, i)));
    }
  }

  private static float get(MemorySegment segment, long index) {
    return segment.getAtIndex(JAVA_FLOAT, index);
  }

  private static void set(MemorySegment segment, long index, float value) {
    segment.setAtIndex(JAVA_FLOAT, index, value);
  }
}
