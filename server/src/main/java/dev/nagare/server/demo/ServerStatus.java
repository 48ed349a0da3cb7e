package dev.nagare.server.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.util.Optional;

/**
 * What the server says of the model on its metrics page.
 *
 * @param ready whether the model answers
 * @param degraded whether learning stands still
 * @param version published
 * @param learned examples since this server process started
 */
record ServerStatus(boolean ready, boolean degraded, long version, long learned) {
  private static final int TIMEOUT_MILLIS = 1000;

  /** Asks the server; empty if it does not answer. */
  static Optional<ServerStatus> ask(int metricsPort, String model) {
    try {
      InputStream page = connection(metricsPort, "/metrics").getInputStream();
      try (var lines = new BufferedReader(new InputStreamReader(page, UTF_8))) {
        return Optional.of(parse(lines, model));
      }
    } catch (IOException e) {
      return Optional.empty(); // not up, or on its way down: asked again soon
    }
  }

  /** Whether the server says that everything it serves is ready. */
  static boolean allReady(int port) {
    try {
      return connection(port, "/v2/health/ready").getResponseCode() == HttpURLConnection.HTTP_OK;
    } catch (IOException e) {
      return false;
    }
  }

  private static HttpURLConnection connection(int port, String path) throws IOException {
    URI uri = URI.create("http://127.0.0.1:" + port + path);
    var connection = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
    connection.setConnectTimeout(TIMEOUT_MILLIS);
    connection.setReadTimeout(TIMEOUT_MILLIS);
    return connection;
  }

  static ServerStatus parse(BufferedReader page, String model) throws IOException {
    String label = "{model=\"" + model + "\"} ";
    double ready = 0;
    double degraded = 0;
    double version = 0;
    double learned = 0;
    for (String line = page.readLine(); line != null; line = page.readLine()) {
      int at = line.indexOf(label);
      if (at > 0) {
        double value = Double.parseDouble(line.substring(at + label.length()));
        switch (line.substring(0, at)) {
          case "nagare_model_ready" -> ready = value;
          case "nagare_degraded" -> degraded = value;
          case "nagare_model_version" -> version = value;
          case "nagare_learned_examples_total" -> learned = value;
          default -> {}
        }
      }
    }
    return new ServerStatus(ready > 0, degraded > 0, (long) version, (long) learned);
  }
}
