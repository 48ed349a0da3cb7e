package dev.nagare.streaming;

/** What a process does with learned models. */
public enum Role {
  /** Answers, and learns if the group gives it the model's partition. */
  ALL,
  /** Answers only, with the newest checkpointed version. */
  SCORER,
  /** Answers and learns; ends, with exit code 75, when another process has taken over. */
  LEARNER
}
