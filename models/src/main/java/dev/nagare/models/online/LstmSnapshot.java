package dev.nagare.models.online;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.PooledMemory;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.Kernels;

/** A copy of a model's weights and scales in one block of a pool. */
final class LstmSnapshot implements ModelSnapshot {
  private final long version;
  private final Signature signature;
  private final Encoding encoding;
  private final Kernels kernels;
  private final PooledMemory block;
  private final LstmPath path;
  private final Scales scales;

  LstmSnapshot(
      long version,
      Signature signature,
      Encoding encoding,
      Compute compute,
      LstmPath path,
      Scales scales) {
    this.version = version;
    this.signature = signature;
    this.encoding = encoding;
    this.kernels = compute.serving();
    this.block = compute.snapshots().open(path.bytes() + scales.bytes());
    this.path = path.copyTo(block);
    this.scales = scales.copyTo(block);
  }

  @Override
  public Signature signature() {
    return signature;
  }

  @Override
  public long version() {
    return version;
  }

  @Override
  public void answer(Tensor windows, Tensor answers, Scope scope) {
    boolean fits =
        windows.dtype() == DType.F32
            && windows.shape().rank() == 3
            && windows.dim(0) >= 1
            && windows.dim(1) == signature.windowRows()
            && windows.dim(2) == signature.values()
            && answers.dtype() == DType.F32
            && answers.shape().rank() >= 1
            && answers.dim(0) == windows.dim(0)
            && answers.elements() == windows.dim(0) * signature.outputElements();
    if (!fits) {
      throw TensorException.mismatch(
          "answer: expected windows F32 [rows, "
              + signature.windowRows()
              + ", "
              + signature.values()
              + "] and answers F32 [rows, "
              + signature.outputElements()
              + "], got "
              + windows
              + " and "
              + answers);
    }
    encoding.answer(kernels, path, scales, windows, answers, scope);
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
