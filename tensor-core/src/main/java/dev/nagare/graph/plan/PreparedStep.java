package dev.nagare.graph.plan;

import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import java.util.List;
import java.util.stream.Stream;

/** A step of prepared kernels: one, or one for each lane of a gang. */
record PreparedStep(String name, String operation, List<Part> pieces) implements PlanStep {

  /**
   * A kernel with what it gets.
   *
   * @param kernel which
   * @param arguments all that do not change from run to run
   */
  record Part(PreparedKernel kernel, List<Argument> arguments) {}

  @Override
  public String implementation() {
    return pieces.getFirst().kernel().implementation();
  }

  @Override
  public List<Slot> inputs() {
    return arguments().filter(a -> !a.isOutput()).map(Argument::slot).distinct().toList();
  }

  @Override
  public List<Slot> outputs() {
    return arguments().filter(Argument::isOutput).map(Argument::slot).distinct().toList();
  }

  private Stream<Argument> arguments() {
    return pieces.stream().flatMap(part -> part.arguments().stream());
  }

  @Override
  public long sequenceBytes(long tokens) {
    return pieces.stream().mapToLong(part -> part.kernel().sequenceBytes(tokens)).sum();
  }

  @Override
  public int parts() {
    return pieces.size();
  }

  @Override
  public Running open(FrameMemory memory, int index) {
    Part part = pieces.get(index);
    PreparedKernel.Call call = part.kernel().call(memory.scratch(index));
    for (Argument argument : part.arguments()) {
      if (!argument.slot().isParameter()) {
        argument.give(call, memory.bytesOf(argument.slot()));
      }
    }
    List<Argument> parameters =
        part.arguments().stream().filter(argument -> argument.slot().isParameter()).toList();
    return new Running() {
      @Override
      public void use(PackedWeights weights) {
        for (Argument argument : parameters) {
          argument.give(call, weights.bytesOf(argument.slot()));
        }
      }

      @Override
      public void run() {
        call.run();
      }

      @Override
      public void close() {
        call.close();
      }
    };
  }

  @Override
  public void close() {
    pieces.forEach(part -> part.kernel().close());
  }
}
