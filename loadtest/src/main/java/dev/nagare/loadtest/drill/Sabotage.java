package dev.nagare.loadtest.drill;

import java.util.Locale;

/** A promise that the learner breaks on purpose, to show that the drill notices. */
enum Sabotage {
  /** None is broken. */
  NONE,
  /** Files are not brought to the disk before they get their name; a power cut tears them. */
  SKIP_FSYNC,
  /** Learning goes on from an earlier offset than the restored state has seen. */
  STALE_OFFSET,
  /** The restored model has forgotten its random numbers. */
  DROP_RNG,
  /** The restored optimizer has forgotten its second moments. */
  SKIP_MOMENT,
  /** The first row after a restore is learned twice. */
  DOUBLE_APPLY;

  /** As the command line spells it, such as {@code skip-fsync}. */
  String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
