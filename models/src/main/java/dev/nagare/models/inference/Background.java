package dev.nagare.models.inference;

import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** Compiles plans off the lanes: one thread, so that the lanes keep the other processors. */
final class Background {
  static final Executor EXECUTOR =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("nagare-plans").factory());

  private Background() {}
}
