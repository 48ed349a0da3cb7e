package dev.nagare.server;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Calls a few servers as a load balancer does: those that said last that they are ready, and
 * another one when the first refuses with 503 or cannot be reached. Callers in threads of their
 * own, one request after the other, from when all servers are ready until it is closed.
 */
final class Balancer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final String REQUEST =
      """
      {"inputs": [{"name": "x", "datatype": "FP32", "shape": [1, 3], "data": [1, -2, 3]}]}
      """;

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<URI> servers;
  private final Map<URI, Boolean> ready = new ConcurrentHashMap<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closing;

  /** Requests that got 200, at the first or another server. */
  final AtomicInteger answered = new AtomicInteger();

  /** Requests that got it at another server than the first. */
  final AtomicInteger elsewhere = new AtomicInteger();

  /** Requests that no server answered with 200, by what came of them. */
  final List<String> failed = new CopyOnWriteArrayList<>();

  Balancer(List<URI> servers, int callers) {
    this.servers = List.copyOf(servers);
    start(this::look);
    await().atMost(PATIENCE).until(() -> servers.stream().allMatch(this::ready));
    for (int i = 0; i < callers; i++) {
      int first = i;
      start(() -> call(first));
    }
  }

  private void start(Runnable work) {
    Thread thread = new Thread(work);
    thread.start();
    threads.add(thread);
  }

  /** Whether a server was ready when it was last asked. */
  boolean ready(URI server) {
    return ready.getOrDefault(server, false);
  }

  private void look() {
    while (!closing) {
      for (URI server : servers) {
        ready.put(server, isReady(server));
      }
    }
  }

  private boolean isReady(URI server) {
    try {
      var request = HttpRequest.newBuilder(server.resolve("/v2/health/ready")).timeout(PATIENCE);
      return http.send(request.build(), BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void call(int first) {
    for (int turn = first; !closing; turn++) {
      List<URI> inOrder = new ArrayList<>();
      for (int i = 0; i < servers.size(); i++) {
        URI server = servers.get((turn + i) % servers.size());
        inOrder.add(ready(server) ? 0 : inOrder.size(), server);
      }
      String outcome = "";
      for (int i = 0; i < inOrder.size() && !outcome.equals("200"); i++) {
        outcome = ask(inOrder.get(i));
        if (outcome.equals("200")) {
          answered.incrementAndGet();
          elsewhere.addAndGet(i > 0 ? 1 : 0);
        } else if (!outcome.startsWith("503") && !outcome.startsWith("unreachable")) {
          break; // nothing that another server would do better
        }
      }
      if (!outcome.equals("200")) {
        failed.add(outcome);
      }
    }
  }

  private String ask(URI server) {
    try {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(server.resolve("/v2/models/small/infer"))
                  .timeout(PATIENCE)
                  .POST(BodyPublishers.ofString(REQUEST))
                  .build(),
              BodyHandlers.ofString());
      return answer.statusCode() == 200 ? "200" : answer.statusCode() + " " + answer.body();
    } catch (IOException e) {
      return closedByItself(e) ? ask(server) : "unreachable: " + reasons(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "interrupted";
    }
  }

  /**
   * Whether the client took the answer for unasked data on an idle connection, and threw it away:
   * JDK-8338569, whose remedy left it rare, once in some hundred thousand requests.
   */
  private static boolean closedByItself(IOException thrown) {
    return reasons(thrown).endsWith("Data received while in pool");
  }

  private static String reasons(Throwable thrown) {
    String own = String.valueOf(thrown.getMessage());
    return thrown.getCause() == null ? own : own + ": " + reasons(thrown.getCause());
  }

  /** Lets callers finish what they are at; then nothing changes any more. */
  void stop() {
    closing = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  @Override
  public void close() {
    stop();
    http.close();
  }
}
