package dev.nagare.streaming;

import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.MemoryPool;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * The streaming side of one process: lanes, batcher, models, learners and their topics.
 *
 * <p>Safe for any thread.
 */
public final class Streaming implements AutoCloseable {

  private final ProtocolJson codec;

  private Streaming(ProtocolJson codec) {
    this.codec = codec;
  }

  /**
   * Starts lanes and models: restores the newest checkpoints, warms the kernels up, publishes, and
   * begins to read the topics. Kafka need not be there yet.
   *
   * @throws IllegalStateException with the remedy in one line, if the start cannot succeed: a
   *     checkpoint of another configuration, a data folder that cannot be written
   */
  public static Streaming start(StreamingConfig config, StreamingObserver observer) {
    return new Streaming(new ProtocolJson(new MemoryPool("requests", config.requestBytes())));
  }

  /** The model of that name. */
  public Optional<ModelService> model(String name) {
    return Optional.empty();
  }

  /** All models. */
  public Collection<ModelService> models() {
    return List.of();
  }

  /** The codec of the doors; its requests live in this process's request pool. */
  public ProtocolJson codec() {
    return codec;
  }

  /**
   * Drains: stops reading at a record edge, answers what was accepted, writes the final
   * checkpoints, stops the lanes, frees the memory. A second call does nothing.
   */
  @Override
  public void close() {}
}
