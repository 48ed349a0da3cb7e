package dev.nagare.streaming;

/** How often what comes of a record is in the topics, when a process dies in the middle. */
public enum Delivery {
  /** Once: outputs and the offset up to which they are complete are one transaction. */
  EXACTLY_ONCE,
  /**
   * At least once: outputs are there as soon as they are written, and the offset follows; after a
   * kill, what it does not cover is written again. What is learned is exactly once all the same.
   */
  AT_LEAST_ONCE
}
