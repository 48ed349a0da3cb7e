package dev.nagare.loadtest.bench.infer;

import dev.nagare.loadtest.bench.duel.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A step is an answer to all requests of a task. The first one loads the model, so that its time in
 * a new JVM is that from a file to an answer; the description loads the library.
 */
final class InferWorkload implements Workload {
  private final Contender contender;
  private final InferTask task;
  private final Path file;
  private final List<Request> requests;
  private @Nullable InferModel model;

  InferWorkload(Contender contender, InferTask task, Path file) {
    this.contender = contender;
    this.task = task;
    this.file = file;
    requests = task.requests();
  }

  @Override
  public String description() {
    return contender.description() + task.note();
  }

  /** Returns nothing of note: answers lie in memory that no compiler can do without. */
  @Override
  public float step() {
    loaded().run();
    return 0;
  }

  @Override
  public float[] outputs(float result) {
    return loaded().outputs();
  }

  private InferModel loaded() {
    InferModel at = model;
    if (at == null) {
      try {
        at = contender.load(file, requests);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      model = at;
    }
    return at;
  }

  @Override
  public void close() {
    if (model != null) {
      model.close();
    }
  }
}
