package dev.nagare.models.inference;

import dev.nagare.tensor.BackgroundThreads;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** Compiles plans off the lanes: one thread, so that the lanes keep the other processors. */
final class Background {
  static final Executor EXECUTOR =
      Executors.newSingleThreadExecutor(BackgroundThreads.named("nagare-plans"));

  private Background() {}
}
