package dev.nagare.loadtest.drill;

import dev.nagare.loadtest.drill.LearnerSpec.Pace;

/**
 * A model of a drill, which learns from the drill's topic.
 *
 * @param model its name
 * @param pace how its learner goes about it
 */
record Subject(String model, Pace pace) {
  /** The topic that all models of a drill learn from. */
  static final String TOPIC = "drill.requests";

  /** The one that is disturbed. */
  static final Subject DISTURBED = new Subject("drill", new Pace(1, 500, 1, 500, false));

  /** Reads the same log in one go, at another pace in everything that must not matter. */
  static final Subject FRESH = new Subject("drill-fresh", new Pace(2, 7, 3, 2000, true));

  /** Reads it too, and is stopped and started in order every few steps. */
  static final Subject RESTARTED =
      new Subject("drill-restarted", new Pace(1, 100, 1, 60_000, false));

  /** Learns a little, for its process to write a class archive. */
  static final Subject FIRST = new Subject("drill-first", new Pace(1, 500, 1, 500, true));
}
