package dev.nagare.loadtest.bench.learn;

import dev.nagare.loadtest.bench.Figure;
import java.util.List;

/** The suite {@code learn}. */
public final class LearnSuite {
  /** Its figures, in the order of the table. */
  public static final List<Figure> FIGURES =
      List.of(
          new Elec2(),
          new Etth1(),
          new Nab(),
          new PublishAtTenHertz(),
          new Recover(),
          new Takeover());

  private LearnSuite() {}
}
