package dev.nagare.graph.plan;

import java.util.Locale;
import java.util.stream.Collectors;

/** A plan in writing. */
final class PlanText {
  private PlanText() {}

  static String of(Plan plan) {
    var text = new StringBuilder("plan " + plan.name() + " " + plan.dims());
    text.append(' ').append(plan.options().dtype()).append('\n');
    text.append("  arena ").append(bytes(plan.arenaBytes()));
    text.append(" for ").append(bytes(plan.valueBytes())).append(" of values, scratch ");
    text.append(bytes(plan.scratchBytes())).append('\n');
    for (int i = 0; i < plan.inputNames().size(); i++) {
      text.append("  in  ").append(plan.inputNames().get(i)).append(' ');
      text.append(place(plan.inputSlots().get(i))).append('\n');
    }
    for (PlanStep step : plan.steps()) {
      text.append("  ").append(places(step.outputs())).append(" <- ");
      text.append(step.operation()).append(" (");
      text.append(step.inputs().stream().map(s -> s.name).collect(Collectors.joining(", ")));
      text.append(") by ").append(step.implementation()).append('\n');
    }
    for (int i = 0; i < plan.outputNames().size(); i++) {
      text.append("  out ").append(plan.outputNames().get(i)).append(" <- ");
      text.append(plan.outputSlots().get(i).name).append('\n');
    }
    return text.toString();
  }

  private static String places(Iterable<Slot> slots) {
    var all = new StringBuilder();
    for (Slot slot : slots) {
      all.append(all.isEmpty() ? "" : ", ").append(place(slot));
    }
    return all.toString();
  }

  /** Such as {@code relu: F32 [1, 64, 56, 56] channels last @4096}. */
  private static String place(Slot slot) {
    return slot + " @" + slot.place();
  }

  private static String bytes(long count) {
    return count < 10_000 ? count + " B" : String.format(Locale.ROOT, "%.1f KiB", count / 1024.0);
  }
}
