package dev.nagare.loadtest.bench.train;

import ai.djl.engine.Engine;

/** The peer's engine: libtorch through DJL. */
final class Libtorch {
  private Libtorch() {}

  /** Loads the library and sets its threads; the first call in a JVM counts. */
  static Engine engine(int threads) {
    System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
    return Engine.getEngine("PyTorch");
  }

  static String description(Engine engine, int threads) {
    return "libtorch "
        + engine.getVersion()
        + " through DJL "
        + Engine.getDjlVersion()
        + ", "
        + threads
        + (threads == 1 ? " thread" : " threads")
        + (System.getenv("MALLOC_MMAP_MAX_") == null
            ? ", glibc's malloc as it comes"
            : ", glibc's malloc told to keep memory");
  }
}
