package dev.nagare.server.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks a running server for what a command shows. */
public final class ServerClient implements AutoCloseable {
  /** Where a server on this machine listens unless told otherwise. */
  public static final String USUAL_URL = "http://127.0.0.1:8000";

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String base;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(3))
          .build();

  /**
   * Creates a client.
   *
   * @param url of the server, such as {@link #USUAL_URL}
   * @throws CommandException if it is no HTTP address
   */
  public ServerClient(String url) {
    if (!url.matches("https?://[^/\\s?#]+/?")) {
      throw new CommandException(
          ExitCode.USAGE,
          "--url: expected an address such as " + USUAL_URL + ", got '" + url + "'");
    }
    this.base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
  }

  /** The path of a model. */
  public static String model(String name) {
    return "/v2/models/" + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * What the server answers, as JSON.
   *
   * @throws CommandException that says why there is no answer, or why it was a refusal
   */
  public JsonNode get(String path) throws InterruptedException {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(base + path)).timeout(PATIENCE).build();
      HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
      JsonNode body = JSON.readTree(answer.body());
      if (answer.statusCode() != 200) {
        throw new CommandException(
            answer.statusCode() == 404 ? ExitCode.USAGE : ExitCode.FAILURE,
            body.path("error").asText("the server at " + base + " answers " + answer.statusCode()));
      }
      return body;
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.FAILURE,
          "no server answers at "
              + base
              + "; start one with nagare serve, or name another with --url",
          e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
