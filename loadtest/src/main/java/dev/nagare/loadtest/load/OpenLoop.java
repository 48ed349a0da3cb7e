package dev.nagare.loadtest.load;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import java.util.function.LongFunction;
import org.HdrHistogram.ConcurrentHistogram;

/**
 * Sends requests at a constant rate, whatever the server does.
 *
 * <p>Request {@code n} is due at {@code n / rate}. Connections take the due requests in turn; when
 * all of them wait for a stalled server, requests become late, and since a latency counts from the
 * due moment the lateness is in the histogram: no coordinated omission, nothing to correct
 * afterwards. After the time that the plan asks for, one timeout is granted to what is late; what
 * could not be sent by then counts as {@code not sent}, with the time that it had waited.
 */
public final class OpenLoop {
  private static final int DIGITS = 3;

  private final LoadPlan plan;
  private final LongFunction<HttpRequest> requests;
  private final long total;
  private final ConcurrentHistogram latency = new ConcurrentHistogram(DIGITS);
  private final ConcurrentHashMap<String, LongAdder> outcomes = new ConcurrentHashMap<>();
  private final AtomicLong next = new AtomicLong();
  private final AtomicLong lastEnd = new AtomicLong();

  /**
   * Prepares a run.
   *
   * @param requests the request of a number; called from many threads
   */
  public OpenLoop(LoadPlan plan, LongFunction<HttpRequest> requests) {
    this.plan = plan;
    this.requests = requests;
    this.total = plan.warmUpRequests() + plan.requests();
  }

  /**
   * Runs the plan to its end; to be called once.
   *
   * @param progress told how many requests were taken, warm-up included, from one thread, a few
   *     times a second
   */
  public LoadReport run(LongConsumer progress) throws InterruptedException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(plan.timeout())
            .build()) {
      long start = System.nanoTime();
      try (var connections = Executors.newVirtualThreadPerTaskExecutor()) {
        for (int i = 0; i < plan.connections(); i++) {
          connections.execute(() -> connection(client, start));
        }
        connections.shutdown();
        while (!connections.awaitTermination(200, java.util.concurrent.TimeUnit.MILLISECONDS)) {
          progress.accept(Math.min(next.get(), total));
        }
      }
      progress.accept(total);
      var counts = new TreeMap<String, Long>();
      outcomes.forEach((name, count) -> counts.put(name, count.sum()));
      long counted = lastEnd.get() - plan.dueNanos(plan.warmUpRequests());
      return LoadReport.of(plan, latency, counts, Math.max(1, counted) / 1e9);
    }
  }

  private void connection(HttpClient client, long start) {
    long givenUp = plan.warmUp().plus(plan.duration()).plus(plan.timeout()).toNanos();
    for (long n = next.getAndIncrement(); n < total; n = next.getAndIncrement()) {
      long due = plan.dueNanos(n);
      for (long wait = due - since(start); wait > 0; wait = due - since(start)) {
        LockSupport.parkNanos(wait);
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
      }
      String outcome = since(start) < givenUp ? send(client, requests.apply(n)) : "not sent";
      long end = since(start);
      if (n < plan.warmUpRequests()) {
        continue;
      }
      latency.recordValue(Math.max(0, end - due));
      outcomes.computeIfAbsent(outcome, name -> new LongAdder()).increment();
      lastEnd.accumulateAndGet(end, Math::max);
    }
  }

  private static String send(HttpClient client, HttpRequest request) {
    try {
      return Integer.toString(
          client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
    } catch (HttpTimeoutException e) {
      return "timeout";
    } catch (IOException e) {
      return "connection";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "connection";
    }
  }

  private static long since(long start) {
    return System.nanoTime() - start;
  }
}
