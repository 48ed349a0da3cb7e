package dev.nagare.loadtest.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.SplittableRandom;

/**
 * A model of a server of the Open Inference Protocol on this machine, and requests that fit it.
 *
 * <p>Only loopback addresses are taken: a load generator is not to be pointed at other people's
 * servers by a slip of the keyboard.
 */
public final class Target {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BODIES = 16;
  private static final long SEED = 1;

  private final URI infer;
  private final byte[][] bodies = new byte[BODIES][];
  private final Duration timeout;

  private Target(URI infer, JsonNode metadata, int rows, Duration timeout) throws IOException {
    this.infer = infer;
    this.timeout = timeout;
    var random = new SplittableRandom(SEED);
    for (int i = 0; i < BODIES; i++) {
      bodies[i] = body(metadata, rows, random);
    }
  }

  /**
   * Asks the server for the model's inputs.
   *
   * @param server such as {@code http://127.0.0.1:8000}
   * @param model name of the model
   * @param rows per request, in place of each -1 of the inputs' shapes
   * @throws IllegalArgumentException if the address is not of this machine or the model cannot be
   *     asked with FP32 inputs
   * @throws IOException in one line with the remedy, if the server does not answer
   */
  public static Target of(URI server, String model, int rows, Duration timeout)
      throws IOException, InterruptedException {
    requireLoopback(server);
    URI uri = server.resolve("/v2/models/" + model);
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(timeout).build()) {
      HttpResponse<byte[]> answer =
          client.send(
              HttpRequest.newBuilder(uri).timeout(timeout).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() != 200) {
        throw new IOException(uri + " answered " + answer.statusCode() + ": is the model served?");
      }
      return new Target(
          server.resolve("/v2/models/" + model + "/infer"),
          JSON.readTree(answer.body()),
          rows,
          timeout);
    } catch (java.net.ConnectException e) {
      throw new IOException("nothing listens at " + server + ": start ./nagare demo first", e);
    }
  }

  /** The request of a number. Safe for any thread. */
  public HttpRequest request(long number) {
    return HttpRequest.newBuilder(infer)
        .timeout(timeout)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(bodies[(int) (number % BODIES)]))
        .build();
  }

  static void requireLoopback(URI server) throws IOException {
    String host = server.getHost();
    if (host == null || !"http".equals(server.getScheme())) {
      throw new IllegalArgumentException(
          "url: expected one like http://127.0.0.1:8000, got " + server);
    }
    for (InetAddress address : InetAddress.getAllByName(host)) {
      if (!address.isLoopbackAddress()) {
        throw new IllegalArgumentException(
            "url: expected an address of this machine (127.0.0.1, localhost), got " + server);
      }
    }
  }

  private static byte[] body(JsonNode metadata, int rows, SplittableRandom random)
      throws IOException {
    ObjectNode body = JSON.createObjectNode();
    ArrayNode inputs = body.putArray("inputs");
    for (JsonNode input : metadata.path("inputs")) {
      if (!input.path("datatype").asText().equals("FP32")) {
        throw new IllegalArgumentException(
            "model: expected FP32 inputs, got " + input.path("datatype"));
      }
      ObjectNode tensor = inputs.addObject();
      tensor.put("name", input.path("name").asText()).put("datatype", "FP32");
      ArrayNode shape = tensor.putArray("shape");
      long elements = 1;
      for (JsonNode dimension : input.path("shape")) {
        long size = dimension.asLong() < 0 ? rows : dimension.asLong();
        shape.add(size);
        elements = Math.multiplyExact(elements, size);
      }
      ArrayNode data = tensor.putArray("data");
      for (long i = 0; i < elements; i++) {
        data.add((float) random.nextDouble());
      }
    }
    if (inputs.isEmpty()) {
      throw new IllegalArgumentException("model: expected inputs in its metadata, got none");
    }
    return JSON.writeValueAsBytes(body);
  }
}
