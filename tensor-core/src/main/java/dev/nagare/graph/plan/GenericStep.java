package dev.nagare.graph.plan;

import dev.nagare.graph.Operator;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A step that the operator itself prepares, on tensors of the frame. */
record GenericStep(
    String name,
    Operator operator,
    Kernels kernels,
    List<@Nullable Slot> arguments,
    List<Slot> outputs)
    implements PlanStep {

  @Override
  public String operation() {
    return operator.toString();
  }

  @Override
  public String implementation() {
    return "java";
  }

  @Override
  public List<Slot> inputs() {
    return arguments.stream().filter(Objects::nonNull).map(Objects::requireNonNull).toList();
  }

  @Override
  public Running open(FrameMemory memory, int part) {
    return new Prepared(memory);
  }

  private final class Prepared implements Running {
    private final FrameMemory memory;
    private Operator.@Nullable Step step;

    Prepared(FrameMemory memory) {
      this.memory = memory;
    }

    @Override
    public void use(PackedWeights weights) {
      if (step != null && inputs().stream().noneMatch(Slot::isParameter)) {
        return;
      }
      var in = new ArrayList<@Nullable Tensor>();
      for (Slot slot : arguments) {
        in.add(slot == null ? null : memory.tensor(slot, weights));
      }
      List<Tensor> out = outputs.stream().map(memory::tensor).toList();
      step = operator.prepare(kernels, in, out, memory.scratch(0));
    }

    @Override
    public void run() {
      Objects.requireNonNull(step).run();
    }
  }
}
