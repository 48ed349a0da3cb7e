package dev.nagare.graph.plan;

/**
 * What the values of a plan take in a frame.
 *
 * @param inputs bytes of the inputs, which stay as they are between runs
 * @param work bytes of everything else, which means nothing once another run has begun
 */
record Extents(long inputs, long work) {

  /** Bytes in all. */
  long bytes() {
    return inputs + work;
  }
}
