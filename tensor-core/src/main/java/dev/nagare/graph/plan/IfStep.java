package dev.nagare.graph.plan;

import dev.nagare.graph.op.If;
import dev.nagare.tensor.StridedCopy;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One of two plans, as a condition says at each run.
 *
 * @param name of the node
 * @param operator which
 * @param then runs if the condition holds
 * @param otherwise runs if not
 * @param condition one BOOL
 * @param captured the inputs of both
 * @param outputs of the one that ran
 */
record IfStep(
    String name,
    If operator,
    Plan then,
    Plan otherwise,
    Slot condition,
    List<Slot> captured,
    List<Slot> outputs)
    implements PlanStep {

  @Override
  public String operation() {
    return operator.toString();
  }

  @Override
  public String implementation() {
    return "plan";
  }

  @Override
  public List<Slot> inputs() {
    var all = new ArrayList<>(captured);
    all.add(condition);
    return all;
  }

  @Override
  public List<Plan> nested() {
    return List.of(then, otherwise);
  }

  @Override
  public Running open(FrameMemory memory, int part) {
    return new Either(memory);
  }

  @Override
  public void close() {
    then.close();
    otherwise.close();
  }

  /** A branch of one lane. */
  private static final class Branch {
    final Frame frame;
    final List<StridedCopy> in = new ArrayList<>();
    final List<StridedCopy> out = new ArrayList<>();

    Branch(Frame frame, List<Tensor> outputs) {
      this.frame = frame;
      for (int i = 0; i < outputs.size(); i++) {
        out.add(StridedCopy.between(frame.output(i), outputs.get(i)));
      }
    }

    void run() {
      for (int i = 0; i < in.size(); i++) {
        in.get(i).run();
      }
      frame.run();
      for (int i = 0; i < out.size(); i++) {
        out.get(i).run();
      }
    }
  }

  private final class Either implements Running {
    private final FrameMemory memory;
    private @Nullable Tensor chosen;
    private @Nullable Branch first;
    private @Nullable Branch second;

    Either(FrameMemory memory) {
      this.memory = memory;
    }

    @Override
    public void use(PackedWeights weights) {
      chosen = memory.tensor(condition, weights);
      first = follow(first, then, weights);
      second = follow(second, otherwise, weights);
    }

    private Branch follow(@Nullable Branch before, Plan plan, PackedWeights weights) {
      Branch branch = before;
      if (branch == null) {
        List<Tensor> results = outputs.stream().map(memory::tensor).toList();
        branch = new Branch(plan.open(weights.of(plan)), results);
      } else {
        branch.frame.use(weights.of(plan));
      }
      branch.in.clear();
      for (int i = 0; i < captured.size(); i++) {
        Tensor from = memory.tensor(captured.get(i), weights);
        branch.in.add(StridedCopy.between(from, branch.frame.input(i)));
      }
      return branch;
    }

    @Override
    public void run() {
      boolean holds = Objects.requireNonNull(chosen).getLong(0) != 0;
      Objects.requireNonNull(holds ? first : second).run();
    }

    @Override
    public void close() {
      for (Branch branch : new Branch[] {first, second}) {
        if (branch != null) {
          branch.frame.close();
        }
      }
    }
  }
}
