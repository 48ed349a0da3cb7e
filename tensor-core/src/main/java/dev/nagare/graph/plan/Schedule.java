package dev.nagare.graph.plan;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** In which order the lanes of one frame run the parts of its steps. */
final class Schedule {
  private final PlanStep.Running[][] parts; // of each step
  private final boolean[] meets; // whether the lanes meet before each step
  private final @Nullable Gang gang;
  private final @Nullable Throwable[] failures;
  private final Gang.Work work = this::lane;

  Schedule(PlanStep.Running[][] parts, @Nullable Gang gang) {
    this.parts = parts;
    this.gang = gang;
    failures = new Throwable[gang == null ? 1 : gang.lanes()];
    meets = new boolean[parts.length];
    for (int i = 1; i < parts.length; i++) {
      // what lane 0 alone does after what it alone did needs nobody's word
      meets[i] = parts[i].length > 1 || parts[i - 1].length > 1;
    }
  }

  void run() {
    Gang together = gang;
    if (together == null) {
      for (PlanStep.Running[] step : parts) {
        for (PlanStep.Running part : step) {
          part.run();
        }
      }
      return;
    }
    together.run(work);
    Throwable failure = Gang.first(failures);
    if (failure != null) {
      Arrays.fill(failures, null);
      if (failure instanceof Error error) {
        throw error;
      }
      throw failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
    }
  }

  private void lane(int lane) {
    Gang together = gang;
    if (together == null) {
      return;
    }
    for (int i = 0; i < parts.length; i++) {
      if (meets[i]) {
        together.meet(lane);
      }
      if (failures[lane] == null) {
        try {
          for (int part = lane; part < parts[i].length; part += together.lanes()) {
            parts[i][part].run();
          }
        } catch (Throwable e) {
          failures[lane] = e; // and goes on to meet the others, who would wait for ever
        }
      }
    }
  }
}
