package dev.nagare.models.online;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.Memory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;

/** What a network's inputs and outputs mean for a task. Immutable. */
sealed interface Encoding permits ForecastEncoding, ClassEncoding {

  static Encoding of(OnlineConfig config) {
    return switch (config.task()) {
      case OnlineConfig.Task.Forecast task ->
          new ForecastEncoding(config.features(), task.horizon(), task.season());
      case OnlineConfig.Task.Classify task -> new ClassEncoding(config.features(), task.classes());
      case OnlineConfig.Task.ClassifyExamples task ->
          new ClassEncoding(config.features(), task.classes());
    };
  }

  /** Shapes of raw windows and answers. */
  Signature signature(int windowRows);

  /** Width of the network's input. */
  int inputs();

  /** Width of the network's output. */
  int outputs();

  /** Distances in rows that {@link RunningScale} measures changes over. */
  int[] lags();

  /** The live scales: views of the running ones. */
  Scales scales(RunningScale scale, Memory memory);

  /** Raw rows {@code [.., values]} to the network's inputs {@code [.., inputs]}. */
  void encode(Scales scales, Tensor rows, Tensor inputs);

  /**
   * The network's outputs {@code [n, outputs]} to answers {@code [n, ..]}, for raw windows {@code
   * [n, T, values]}; {@code outputs} may have further rows, which are left out.
   */
  void decode(Scales scales, Tensor windows, Tensor outputs, Tensor answers);

  /** Answers raw windows: see {@link ModelSnapshot#answer}. */
  default void answer(
      Kernels kernels, LstmPath path, Scales scales, Tensor windows, Tensor answers, Scope scope) {
    Tensor inputs = scope.empty(DType.F32, Shape.of(windows.dim(0), windows.dim(1), inputs()));
    encode(scales, windows, inputs);
    decode(scales, windows, path.run(kernels, inputs, scope), answers);
  }
}
