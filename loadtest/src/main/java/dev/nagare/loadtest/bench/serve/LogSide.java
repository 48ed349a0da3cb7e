package dev.nagare.loadtest.bench.serve;

import dev.nagare.loadtest.bench.Idle;
import dev.nagare.loadtest.bench.Samples;
import dev.nagare.loadtest.process.ChildProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

/** One way of delivery: a server that takes a task from its own topics. Used by one thread. */
final class LogSide {
  private static final Duration LOOK = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final double QUIET = 0.1;

  /**
   * What is due within it is put together: to wake up for each record took a tenth of the core that
   * the broker has, too.
   */
  private static final long NAP_NANOS = 1_000_000;

  /** Shorter than a member of a group may be silent. */
  private static final long STOPPED_NANOS = 8_000_000_000L;

  private final LogTask task;
  private final String model;
  private final Subject server;
  private final LogFeed feed;
  private final Arrivals outputs;
  private final SplittableRandom random = new SplittableRandom(1);

  /**
   * What one block has shown.
   *
   * @param seconds from its first record to the last output
   * @param cores processor time of the server per second
   * @param transactions that its outputs came in; 0 for none
   * @param latency at the median, from the moment at which a record was due until its output can be
   *     seen, in seconds
   * @param lag of the load, p99, in seconds
   */
  record Block(
      int records, double seconds, double cores, long transactions, double latency, double lag) {
    double rate() {
      return records / seconds;
    }
  }

  /** A side whose server is ready. */
  LogSide(LogTask task, String model, Subject server, LogFeed feed, Arrivals outputs) {
    this.task = task;
    this.model = model;
    this.server = server;
    this.feed = feed;
    this.outputs = outputs;
  }

  /** The server finds so many records in its topic: it stood still while they were put there. */
  Block drain(int records) throws IOException, InterruptedException {
    awaitQuiet();
    process().suspend();
    try {
      long stopped = System.nanoTime();
      task.prepare(feed, model, records);
      for (int i = 0; i < records; i++) {
        put();
      }
      feed.flush();
      if (System.nanoTime() - stopped > STOPPED_NANOS) {
        throw new IOException(
            task.name() + ": filling the topic took so long that the server lost its partition");
      }
    } finally {
      server.server().process().resume();
    }
    long marks = outputs.marks();
    double used = server.cpuSeconds();
    long began = System.nanoTime();
    long[] seen = outputs.await(records, process());
    double seconds = (seen[records - 1] - began) * 1e-9;
    double cores = (server.cpuSeconds() - used) / seconds;
    return new Block(records, seconds, cores, outputs.marks() - marks, 0, 0);
  }

  /** Records come at random moments, so many a second on average. */
  Block paced(double perSecond, Duration length) throws IOException, InterruptedException {
    int records = (int) (perSecond * length.toMillis() / 1e3);
    task.prepare(feed, model, records);
    feed.flush();
    awaitQuiet();
    long marks = outputs.marks();
    double used = server.cpuSeconds();
    long[] due = new long[records];
    double[] lag = new double[records];
    var seen = CompletableFuture.supplyAsync(() -> arrivals(records), Thread.ofPlatform()::start);
    long began = System.nanoTime();
    double at = began;
    for (int i = 0; i < records; i++) {
      at += -Math.log(1 - random.nextDouble()) * 1e9 / perSecond;
      due[i] = (long) at;
      for (long now = System.nanoTime(); now < due[i]; now = System.nanoTime()) {
        LockSupport.parkNanos(this, Math.max(NAP_NANOS, due[i] - now));
      }
      put();
      lag[i] = (System.nanoTime() - due[i]) * 1e-9;
    }
    long[] arrived = result(seen);
    double seconds = (arrived[records - 1] - began) * 1e-9;
    double cores = (server.cpuSeconds() - used) / seconds;
    double[] latency = new double[records];
    for (int i = 0; i < records; i++) {
      latency[i] = (arrived[i] - due[i]) * 1e-9;
    }
    return new Block(
        records,
        seconds,
        cores,
        outputs.marks() - marks,
        new Samples(latency).median(),
        new Samples(lag).quantile(0.99));
  }

  private long[] arrivals(int records) {
    try {
      return outputs.await(records, process());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long[] result(CompletableFuture<long[]> seen)
      throws IOException, InterruptedException {
    try {
      return seen.get();
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getCause()), e);
    }
  }

  private void put() throws IOException, InterruptedException {
    String topic = task.inputs(model);
    feed.put(topic, task.record(model, feed.count(topic)), Map.of());
  }

  private ChildProcess process() {
    return server.server().process();
  }

  /** Waits until the server has nothing to do any more. */
  private void awaitQuiet() throws IOException, InterruptedException {
    long until = System.nanoTime() + PATIENCE.toNanos();
    double before = server.cpuSeconds();
    while (System.nanoTime() < until) {
      Idle.spend(LOOK);
      double now = server.cpuSeconds();
      if (now - before < QUIET * LOOK.toMillis() / 1e3) {
        return;
      }
      before = now;
    }
    throw process().failure(task.name() + ": it is still busy after the block before");
  }
}
