package dev.nagare.loadtest.process;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The product's server in a process of its own. Used by one thread. */
public final class Server implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LOOK = Duration.ofMillis(20);

  /** Not more often: to answer costs a server that starts some of its core. */
  private static final Duration LOOK_IF_READY = Duration.ofMillis(50);

  private static final Duration ANSWER = Duration.ofSeconds(5);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ChildProcess process;
  private final int port;
  private final int metricsPort;

  /**
   * A server that has been started.
   *
   * @param process ends when this is closed
   */
  public Server(ChildProcess process, int port, int metricsPort) {
    this.process = process;
    this.port = port;
    this.metricsPort = metricsPort;
  }

  /** Its process. */
  public ChildProcess process() {
    return process;
  }

  /** Where it answers. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + port);
  }

  /** Waits until it answers and learns, or stands by. */
  public void awaitReady() throws IOException, InterruptedException {
    process.await(this::isReady, LOOK_IF_READY, PATIENCE, () -> "it is not ready");
  }

  private boolean isReady() throws InterruptedException {
    try {
      HttpResponse<String> answer = get(uri().resolve("/v2/health/ready"));
      return answer.statusCode() == 200 && !answer.body().contains("\"degraded\":\"");
    } catch (IOException e) {
      return false; // not there yet
    }
  }

  /** Waits until a newer checkpoint of a model is in the registry. */
  public void awaitCheckpoint(String model) throws IOException, InterruptedException {
    long before = checkpoint(model);
    process.await(
        () -> checkpoint(model) != before,
        LOOK,
        PATIENCE,
        () -> "it writes no checkpoint of " + model);
  }

  private long checkpoint(String model) throws IOException, InterruptedException {
    String body = get(uri().resolve("/v2/models/" + model + "/status")).body();
    return JSON.readTree(body).path("checkpoint_step").asLong();
  }

  /** The metrics, as Prometheus reads them. */
  public String metrics() throws IOException, InterruptedException {
    return get(URI.create("http://127.0.0.1:" + metricsPort + "/metrics")).body();
  }

  private HttpResponse<String> get(URI uri) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(uri).timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    process.close();
    http.close();
  }
}
