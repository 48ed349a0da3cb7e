package dev.nagare.models.online;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.Kernels.Binary;

/**
 * The one way from windows to forecasts: the learner's own and those of a snapshot, so that equal
 * weights give equal bits.
 *
 * <pre>
 * z = (row - mean) / spread, at most ±{@value #LARGEST_INPUT}
 * forecast = last row + change ⊙ (W · lstm(z)_last + b)
 * </pre>
 *
 * <p>What is predicted is the change from the last row, in units of the usual change: a network
 * that says 0 repeats the last row, and every feature asks for numbers of the same size.
 *
 * @param weightIh {@code [F, 4H]}
 * @param weightHh {@code [H, 4H]}
 * @param biasIh {@code [4H]}
 * @param biasHh {@code [4H]}
 * @param headWeight {@code [F, H]}
 * @param headBias {@code [F]}
 * @param mean F64 {@code [F]}, as {@code spread} and {@code change}: see {@link RunningScale}
 */
record ForecastPath(
    Tensor weightIh,
    Tensor weightHh,
    Tensor biasIh,
    Tensor biasHh,
    Tensor headWeight,
    Tensor headBias,
    Tensor mean,
    Tensor spread,
    Tensor change) {

  /** Normalised values and changes beyond this say no more than "a burst". */
  static final double LARGEST_INPUT = 8;

  /** A copy in other memory. */
  ForecastPath copyTo(Memory memory) {
    return new ForecastPath(
        weightIh.keep(memory),
        weightHh.keep(memory),
        biasIh.keep(memory),
        biasHh.keep(memory),
        headWeight.keep(memory),
        headBias.keep(memory),
        mean.keep(memory),
        spread.keep(memory),
        change.keep(memory));
  }

  /** Bytes that a copy takes. */
  long bytes() {
    long sum = 0;
    for (Tensor t : new Tensor[] {weightIh, weightHh, biasIh, biasHh, headWeight, headBias}) {
      sum += t.elements() * t.dtype().bytes() + Memory.ALIGNMENT;
    }
    return sum + 3 * (mean.elements() * mean.dtype().bytes() + Memory.ALIGNMENT);
  }

  /** Forecasts the row after each window, F32 {@code [rows, T, F] -> [rows, F]}, raw units. */
  void forecast(Kernels kernels, Tensor windows, Tensor forecasts, Scope scope) {
    long rows = windows.dim(0);
    // Kernels promise a row the same bits among two rows or more, so a lone window gets a pad.
    long padded = Math.max(rows, 2);
    long steps = windows.dim(1);
    long features = windows.dim(2);
    long units = weightHh.dim(0);

    Tensor z = scope.zeros(DType.F32, Shape.of(padded * steps, features));
    normalise(windows, z);
    Tensor bias = scope.empty(DType.F32, biasIh.shape());
    kernels.binary(Binary.ADD, biasIh, biasHh, bias);
    Tensor gates = scope.empty(DType.F32, Shape.of(padded * steps, 4 * units));
    kernels.matmul(z, false, weightIh, false, bias, gates, false);

    Tensor state = scope.zeros(DType.F32, Shape.of(padded, units));
    Tensor hidden = scope.empty(DType.F32, Shape.of(padded, steps, units));
    Tensor cells = scope.empty(DType.F32, Shape.of(padded, steps, units));
    kernels.lstmForward(
        gates.reshape(padded, steps, 4 * units), weightHh, state, state, hidden, cells);

    Tensor last = scope.empty(DType.F32, Shape.of(padded, units));
    for (long r = 0; r < padded; r++) {
      for (long j = 0; j < units; j++) {
        last.set(r * units + j, hidden.get(((r + 1) * steps - 1) * units + j));
      }
    }
    Tensor out = scope.empty(DType.F32, Shape.of(padded, features));
    kernels.matmul(last, false, headWeight, true, headBias, out, false);
    for (long r = 0; r < rows; r++) {
      for (long f = 0; f < features; f++) {
        double from = windows.get(((r + 1) * steps - 1) * features + f);
        double to = from + change.get(f) * out.get(r * features + f);
        forecasts.set(r * features + f, Math.clamp(to, -Float.MAX_VALUE, Float.MAX_VALUE));
      }
    }
  }

  /** Writes the normalised values of raw windows, in the same order. */
  void normalise(Tensor windows, Tensor z) {
    long features = windows.dim(-1);
    for (long f = 0; f < features; f++) {
      double centre = mean.get(f);
      double scale = spread.get(f);
      for (long i = f; i < windows.elements(); i += features) {
        z.set(i, limited(windows.get(i) - centre, scale));
      }
    }
  }

  /** A difference in units of a scale, within reach; 0 where nothing ever changed. */
  static double limited(double difference, double scale) {
    return scale > 0 ? Math.clamp(difference / scale, -LARGEST_INPUT, LARGEST_INPUT) : 0;
  }
}
