package dev.nagare.loadtest.bench.infer;

/**
 * A model in an engine, with requests ready to be answered again and again: inputs lie where the
 * engine reads them, and outputs have their place. Used by one thread.
 */
interface InferModel extends AutoCloseable {

  /** Answers all requests. */
  void run();

  /** The last answers, one request after another, without padding; not timed. */
  float[] outputs();

  @Override
  void close();
}
