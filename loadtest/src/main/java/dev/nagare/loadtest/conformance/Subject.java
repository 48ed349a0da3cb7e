package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The server under test with one of its models, and requests that fit it. */
public final class Subject {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final HttpClient client;
  private final URI server;
  private final Duration patience;
  private final String model;
  private final JsonNode about;
  private final JsonNode metadata;
  private final List<Sample> inputs = new ArrayList<>();

  /**
   * Looks at a server.
   *
   * @param server such as {@code http://127.0.0.1:8000}
   * @param model to be asked
   * @param patience for each call
   * @throws IOException if it does not answer
   */
  public Subject(HttpClient client, URI server, String model, Duration patience)
      throws IOException, InterruptedException {
    this.client = client;
    this.server = server;
    this.patience = patience;
    this.model = model;
    this.about = lookedUp("/v2");
    this.metadata = lookedUp(path());
    metadata.path("inputs").forEach(input -> inputs.add(Sample.of(input)));
    if (inputs.isEmpty()) {
      throw new IOException(server.resolve(path()) + ": its metadata names no inputs");
    }
  }

  private JsonNode lookedUp(String path) throws IOException, InterruptedException {
    Reply reply = get(path);
    try {
      return reply.succeeded().json();
    } catch (Violation e) {
      throw new IOException(server.resolve(path) + ": " + e.getMessage(), e);
    }
  }

  /** The model's path. */
  String path() {
    return "/v2/models/" + URLEncoder.encode(model, StandardCharsets.UTF_8).replace("+", "%20");
  }

  String model() {
    return model;
  }

  JsonNode about() {
    return about;
  }

  JsonNode metadata() {
    return metadata;
  }

  List<Sample> inputs() {
    return inputs;
  }

  /** Goes on only if the server says that it has an extension. */
  void requireExtension(String name) {
    for (JsonNode extension : about.path("extensions")) {
      if (extension.asText().equals(name)) {
        return;
      }
    }
    throw new NotTried("the server does not list the extension " + name);
  }

  /** The name of an output. */
  String output(int index) {
    JsonNode output = metadata.path("outputs").path(index);
    if (output.isMissingNode()) {
      throw new NotTried("the model has fewer than " + (index + 1) + " outputs");
    }
    return output.path("name").asText();
  }

  Reply get(String path) throws IOException, InterruptedException {
    return send("GET", path, new byte[0]);
  }

  Reply post(String path, JsonNode body) throws IOException, InterruptedException {
    return send("POST", path, MAPPER.writeValueAsBytes(body), "Content-Type", "application/json");
  }

  Reply send(String method, String path, byte[] body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(server.resolve(path))
            .timeout(patience)
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return new Reply(client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
  }

  /** Asks the model. */
  Reply infer(JsonNode body) throws IOException, InterruptedException {
    return post(path() + "/infer", body);
  }

  /** A request with flat data as JSON. */
  ObjectNode request() {
    ObjectNode request = MAPPER.createObjectNode();
    ArrayNode sent = request.putArray("inputs");
    inputs.forEach(input -> sent.add(input.json()));
    return request;
  }

  /** A request whose tensors are in {@link #bytes}. */
  ObjectNode binaryRequest() {
    requireExtension("binary_tensor_data");
    ObjectNode request = MAPPER.createObjectNode();
    ArrayNode sent = request.putArray("inputs");
    for (Sample input : inputs) {
      ObjectNode json = input.described();
      json.putObject("parameters").put("binary_data_size", input.bytes().length);
      sent.add(json);
    }
    return request;
  }

  /** The tensors of all inputs. */
  byte[] bytes() {
    var bytes = new ByteArrayOutputStream();
    inputs.forEach(input -> bytes.writeBytes(input.bytes()));
    return bytes.toByteArray();
  }

  /** Asks the model with tensors after the JSON. */
  Reply infer(JsonNode json, byte[] tensors, String... headers)
      throws IOException, InterruptedException {
    byte[] text = MAPPER.writeValueAsBytes(json);
    return inferWith(Integer.toString(text.length), joined(text, tensors), headers);
  }

  /** Asks the model with a header of the caller's choice. */
  Reply inferWith(String jsonLength, byte[] body, String... headers)
      throws IOException, InterruptedException {
    List<String> all =
        new ArrayList<>(
            List.of("Content-Type", "application/octet-stream", Reply.JSON_LENGTH, jsonLength));
    all.addAll(List.of(headers));
    return send("POST", path() + "/infer", body, all.toArray(String[]::new));
  }

  static byte[] text(JsonNode json) {
    return json.toString().getBytes(StandardCharsets.UTF_8);
  }

  static byte[] joined(byte[] first, byte[] second) {
    var all = new ByteArrayOutputStream();
    all.writeBytes(first);
    all.writeBytes(second);
    return all.toByteArray();
  }
}
