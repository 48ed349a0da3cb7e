package dev.nagare.models.online;

import dev.nagare.nn.Parameter;
import dev.nagare.optim.Adam;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Tensor;
import java.io.DataInput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Weights and optimizer as they were when all was well: they go back together. */
final class GoodCopy {
  private final List<Tensor> live;
  private final List<Tensor> copies = new ArrayList<>();
  private final int parameters;
  private final Adam adam;
  private long adamSteps;

  GoodCopy(List<Parameter> parameters, Adam adam, ProcessMemory memory) {
    this.parameters = parameters.size();
    this.adam = adam;
    this.live = new ArrayList<>(parameters.size() * 3);
    parameters.forEach(parameter -> live.add(parameter.value()));
    live.addAll(adam.firstMoments());
    live.addAll(adam.secondMoments());
    for (Tensor tensor : live) {
      copies.add(memory.copyOf(tensor));
    }
  }

  void take() {
    for (int i = 0; i < live.size(); i++) {
      copies.get(i).copyFrom(live.get(i));
    }
    adamSteps = adam.steps();
  }

  /** All becomes what another has live. */
  void takeFrom(GoodCopy other) {
    for (int i = 0; i < live.size(); i++) {
      live.get(i).copyFrom(other.live.get(i));
    }
    adam.restoreSteps(other.adam.steps());
    take();
  }

  void restore() {
    for (int i = 0; i < live.size(); i++) {
      live.get(i).copyFrom(copies.get(i));
    }
    adam.restoreSteps(adamSteps);
  }

  void save(StateOutput out) throws IOException {
    sections(out, "", live, adam.steps());
    sections(out, "good.", copies, adamSteps);
  }

  private void sections(StateOutput out, String prefix, List<Tensor> all, long steps)
      throws IOException {
    out.section(prefix + "weights", section -> StateTensors.write(part(all, 0), section));
    out.section(prefix + "adam.first", section -> StateTensors.write(part(all, 1), section));
    out.section(prefix + "adam.second", section -> StateTensors.write(part(all, 2), section));
    out.section(prefix + "adam.step", section -> section.writeLong(steps));
  }

  void load(StateInput in) throws IOException {
    sections(in, "", live);
    in.section("adam.step", section -> adam.restoreSteps(steps(section)));
    sections(in, "good.", copies);
    in.section("good.adam.step", section -> adamSteps = steps(section));
  }

  private static long steps(DataInput section) throws IOException {
    long steps = section.readLong();
    if (steps < 0) {
      throw new IOException("state: the optimizer took " + steps + " steps");
    }
    return steps;
  }

  private void sections(StateInput in, String prefix, List<Tensor> all) throws IOException {
    in.section(prefix + "weights", section -> StateTensors.read(part(all, 0), section));
    in.section(prefix + "adam.first", section -> StateTensors.read(part(all, 1), section));
    in.section(prefix + "adam.second", section -> StateTensors.read(part(all, 2), section));
  }

  private List<Tensor> part(List<Tensor> all, int index) {
    return all.subList(index * parameters, (index + 1) * parameters);
  }
}
