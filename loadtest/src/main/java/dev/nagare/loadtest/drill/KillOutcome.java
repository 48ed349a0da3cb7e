package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.drill.KillPlan.Folder;
import dev.nagare.loadtest.drill.KillPlan.Kill;
import dev.nagare.loadtest.drill.verify.RegistryEntry;
import java.util.List;
import java.util.Locale;

/**
 * What a kill found, as the JSON report has it.
 *
 * @param point where the process died: a crash point's name, or {@code random}
 * @param steps of the learner since its newest checkpoint in the registry
 * @param rows learned since then
 * @param transaction_open whether its transaction was open when it died
 * @param counts whether there was work that no checkpoint had
 * @param folder what became of its folder afterwards
 * @param full_disk checkpoints that found the disk full in that life
 * @param first_row_seconds from the start of that life's process to its first row
 */
record KillOutcome(
    String point,
    long steps,
    long rows,
    boolean transaction_open,
    boolean counts,
    String folder,
    int full_disk,
    double first_row_seconds) {

  static KillOutcome of(
      Kill kill,
      Folder folder,
      Ledger ledger,
      List<RegistryEntry> registry,
      boolean open,
      long begun) {
    long step = registry.isEmpty() ? 0 : registry.getLast().newest().step();
    long next = registry.isEmpty() ? 0 : registry.getLast().newest().nextOffset();
    long rows = Math.max(0, ledger.nextOffset() - next);
    return new KillOutcome(
        kill.label(),
        Math.max(0, ledger.version() - step),
        rows,
        open,
        rows > 0 || open,
        folder.name().toLowerCase(Locale.ROOT).replace('_', ' '),
        kill.fullDisk(),
        Math.max(0, ledger.firstRowMillis() - begun) / 1e3);
  }

  String line() {
    return String.format(
        Locale.ROOT,
        "%-20s %3d steps, %3d records since the checkpoint; transaction %-6s %s; first row after %.1f s; folder %s%s",
        point,
        steps,
        rows,
        transaction_open ? "open" : "closed",
        counts ? "counts" : "nothing uncommitted: again",
        first_row_seconds,
        folder,
        full_disk > 0 ? "; disk was full" : "");
  }
}
