package dev.nagare.tensor.onednn;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import java.util.function.Supplier;

/**
 * A kernel that all who ask for the same specification have together: the layers of a model, its
 * plans, the models of a process. Making a primitive costs a millisecond or more even where oneDNN
 * has its code already.
 */
final class SharedKernel implements PreparedKernel {
  /** All of the process, by specification; kernels hold no weights. */
  static final Shared<Record, PreparedKernel> ALL = new Shared<>(PreparedKernel::close);

  private final Shared.Lease<PreparedKernel> lease;
  private final PreparedKernel kernel;

  private SharedKernel(Shared.Lease<PreparedKernel> lease) {
    this.lease = lease;
    this.kernel = lease.value();
  }

  static PreparedKernel of(Record spec, Supplier<PreparedKernel> make) {
    return new SharedKernel(ALL.take(spec, make));
  }

  @Override
  public String implementation() {
    return kernel.implementation();
  }

  @Override
  public long packedBytes() {
    return kernel.packedBytes();
  }

  @Override
  public void pack(Tensor weight, Tensor packed) {
    requireOpen();
    kernel.pack(weight, packed);
  }

  @Override
  public long scratchBytes() {
    return kernel.scratchBytes();
  }

  @Override
  public Call call(Tensor scratch) {
    requireOpen();
    return kernel.call(scratch);
  }

  private void requireOpen() {
    if (lease.isClosed()) {
      throw new TensorException(
          TensorException.Kind.CLOSED,
          "prepared: the kernel " + kernel.implementation() + " is closed; prepare it anew");
    }
  }

  @Override
  public void close() {
    lease.close();
  }
}
