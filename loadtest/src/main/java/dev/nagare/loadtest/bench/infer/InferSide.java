package dev.nagare.loadtest.bench.infer;

import dev.nagare.loadtest.bench.duel.Side;
import dev.nagare.loadtest.bench.duel.Workload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A side of this suite.
 *
 * @param contender who answers
 * @param task what is asked
 * @param model its file
 */
record InferSide(Contender contender, InferTask task, Path model) implements Side {

  /** Reads the three. */
  static final class FromWords implements Opener {
    @Override
    public Workload open(List<String> arguments) {
      return new InferWorkload(
          Contender.valueOf(arguments.getFirst()),
          InferTask.valueOf(arguments.get(1)),
          Path.of(arguments.get(2)));
    }
  }

  @Override
  public Class<? extends Opener> opener() {
    return FromWords.class;
  }

  @Override
  public List<String> arguments() {
    return List.of(contender.name(), task.name(), model.toString());
  }

  @Override
  public int threads() {
    return contender.threads();
  }

  /** The collector and the heap at the start that a server has, for both sides. */
  @Override
  public List<String> jvmFlags() {
    List<String> flags = new ArrayList<>(Side.super.jvmFlags());
    flags.addAll(List.of("-XX:+UseSerialGC", "-Xms64m"));
    return flags;
  }

  @Override
  public String toString() {
    return contender.name();
  }
}
