package dev.nagare.loadtest.bench;

import java.io.IOException;
import java.util.List;

/** What is measured in one go: a row of a suite's table, or several rows of the same run. */
public interface Figure {

  /** Names of the rows, the first one's for short. */
  List<String> names();

  /**
   * Measures.
   *
   * @return the rows, in the order of {@link #names()}
   * @throws IOException in one line, if it cannot be measured
   */
  List<BenchResult> measure(Bench bench) throws IOException, InterruptedException;
}
