package dev.nagare.models.online;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;

/** A copy of a forecaster's weights and scales in one block of a pool. */
final class ForecasterSnapshot implements ModelSnapshot {
  private final long version;
  private final int window;
  private final int features;
  private final Kernels kernels;
  private final PooledMemory block;
  private final ForecastPath path;

  ForecasterSnapshot(long version, ForecasterConfig config, Compute compute, ForecastPath live) {
    this.version = version;
    this.window = config.window();
    this.features = config.features();
    this.kernels = compute.serving();
    this.block = compute.snapshots().open(live.bytes());
    this.path = live.copyTo(block);
  }

  @Override
  public long version() {
    return version;
  }

  @Override
  public Signature signature() {
    return new Signature(window, features, "forecast", java.util.List.of((long) features));
  }

  @Override
  public void answer(Tensor windows, Tensor forecasts, Scope scope) {
    boolean fits =
        windows.dtype() == DType.F32
            && windows.shape().rank() == 3
            && windows.dim(0) >= 1
            && windows.dim(1) == window
            && windows.dim(2) == features
            && forecasts.dtype() == DType.F32
            && forecasts.shape().rank() == 2
            && forecasts.dim(0) == windows.dim(0)
            && forecasts.dim(1) == features;
    if (!fits) {
      throw TensorException.mismatch(
          "forecast: expected windows F32 [rows, "
              + window
              + ", "
              + features
              + "] and forecasts F32 [rows, "
              + features
              + "], got "
              + windows
              + " and "
              + forecasts);
    }
    path.forecast(kernels, windows, forecasts, scope);
  }

  @Override
  public boolean retain() {
    return block.retain();
  }

  @Override
  public void release() {
    block.release();
  }
}
