package dev.nagare.graph.plan;

import dev.nagare.tensor.DType;
import dev.nagare.tensor.StridedCopy;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.prepared.CopySpec;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The same elements in another order of axes or another dtype. */
record CopyStep(Slot from, Slot to, @Nullable PreparedKernel kernel) implements PlanStep {

  static CopyStep of(Kernels kernels, Slot from, Slot to) {
    boolean computable = isComputable(from.dtype) && isComputable(to.dtype);
    PreparedKernel kernel = null;
    if (computable && from.shape.rank() <= 6 && from.shape.elements() > 0) {
      kernel =
          kernels
              .prepared()
              .copy(
                  new CopySpec(
                      from.shape,
                      Orders.strides(from.shape, from.channelsLast),
                      Orders.strides(to.shape, to.channelsLast),
                      from.dtype,
                      to.dtype));
    }
    return new CopyStep(from, to, kernel);
  }

  private static boolean isComputable(DType dtype) {
    return dtype == DType.F32 || dtype == DType.BF16;
  }

  @Override
  public String name() {
    return from.name;
  }

  @Override
  public String operation() {
    return "copy";
  }

  @Override
  public String implementation() {
    return kernel == null ? "java" : kernel.implementation();
  }

  @Override
  public List<Slot> inputs() {
    return List.of(from);
  }

  @Override
  public List<Slot> outputs() {
    return List.of(to);
  }

  @Override
  public Running open(FrameMemory memory, int part) {
    return kernel == null ? new Plain(memory) : new Prepared(memory, kernel);
  }

  private final class Plain implements Running {
    private final FrameMemory memory;
    private final Tensor target;
    private @Nullable StridedCopy copy;

    Plain(FrameMemory memory) {
      this.memory = memory;
      target = memory.tensor(to);
    }

    @Override
    public void use(PackedWeights weights) {
      copy = StridedCopy.between(memory.tensor(from, weights), target);
    }

    @Override
    public void run() {
      Objects.requireNonNull(copy).run();
    }
  }

  private final class Prepared implements Running {
    private final FrameMemory memory;
    private final PreparedKernel.Call call;

    Prepared(FrameMemory memory, PreparedKernel kernel) {
      this.memory = memory;
      call = kernel.call(memory.scratch(0)).output(memory.tensor(to));
    }

    @Override
    public void use(PackedWeights weights) {
      call.input(memory.tensor(from, weights));
    }

    @Override
    public void run() {
      call.run();
    }

    @Override
    public void close() {
      call.close();
    }
  }

  @Override
  public void close() {
    if (kernel != null) {
      kernel.close();
    }
  }
}
