package dev.nagare.streaming.learn;

import dev.nagare.streaming.checkpoint.Registry;
import dev.nagare.streaming.kafka.KafkaCluster;
import dev.nagare.streaming.kafka.LogReader;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells models of the checkpoints that other processes write, so that a process that does not learn
 * a model answers with its newest one.
 */
public final class RegistryFollower implements AutoCloseable {
  private static final long RETRY_MILLIS = 2_000;
  private static final Logger LOG = LoggerFactory.getLogger(RegistryFollower.class);

  private final KafkaCluster cluster;
  private final Runnable prepare;
  private final Map<String, Learner> models;
  private final Thread thread;
  private final CountDownLatch closed = new CountDownLatch(1);
  private @Nullable LogReader log;

  /**
   * Begins to follow.
   *
   * @param prepare runs before each attempt; what it throws is tried again
   * @param models by name
   */
  public RegistryFollower(KafkaCluster cluster, Runnable prepare, Map<String, Learner> models) {
    this.cluster = cluster;
    this.prepare = prepare;
    this.models = Map.copyOf(models);
    this.thread = Thread.ofPlatform().daemon().name("nagare-registry").start(this::run);
  }

  private void run() {
    try {
      do {
        try {
          prepare.run();
          follow();
        } catch (RuntimeException e) { // whatever it is, the next attempt may go better
          LOG.debug("the registry cannot be followed: {}", e.getMessage());
        }
      } while (!closed.await(RETRY_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      LOG.debug("the registry is no longer followed");
    }
  }

  private void follow() {
    try (LogReader reader = cluster.log(Registry.REGISTRY)) {
      synchronized (this) {
        if (closed.getCount() == 0) {
          return;
        }
        log = reader;
      }
      Registry.follow(
          reader,
          entry -> {
            Learner model = models.get(entry.model());
            if (model != null) {
              model.follow(entry);
            }
          });
    } finally {
      synchronized (this) {
        log = null;
      }
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed.countDown();
      if (log != null) {
        log.wakeUp();
      }
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
