package dev.nagare.graph.pass;

import dev.nagare.graph.Graph;

/** One way to rewrite a graph. What its outputs are, up to rounding, does not change. */
public interface Pass {

  /** Name in errors and tests. */
  default String name() {
    return getClass().getSimpleName();
  }

  /**
   * Rewrites a graph in place, as often as it can.
   *
   * @return whether anything was changed
   */
  boolean apply(Graph graph);
}
