package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * A server of one model, {@code y = 2x} on FP32 {@code [-1, 3]} with {@code z = 3x} beside it,
 * written against the specification and without any code of the product. It keeps every rule but
 * one.
 */
final class TinyServer implements AutoCloseable {
  static final String MODEL = "tiny";
  private static final String ROOT = "/v2/models/" + MODEL;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final @Nullable Fault fault;
  private final HttpServer server;
  private final TinyModel model;
  private long answered;
  private boolean dead;

  /** Thrown by whatever is refused. */
  static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  TinyServer(@Nullable Fault fault) throws IOException {
    this.fault = fault;
    this.model = new TinyModel(fault);
    server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.createContext("/", this::handle);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  private boolean has(Fault other) {
    return fault == other;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      try {
        answer(exchange, body);
      } catch (Refused e) {
        ObjectNode error = JSON.createObjectNode().put("error", e.getMessage());
        if (has(Fault.ERROR_HAS_A_CODE)) {
          error.put("code", e.status);
        }
        byte[] text =
            has(Fault.ERROR_IS_TEXT) ? JSON.writeValueAsBytes(e.getMessage()) : bytes(error);
        send(exchange, e.status, text);
      }
    }
  }

  private void answer(HttpExchange exchange, byte[] body) throws IOException {
    String method = exchange.getRequestMethod();
    String path = exchange.getRequestURI().getPath();
    String version = ROOT + "/versions/1";
    if (path.startsWith(version) && !has(Fault.NO_VERSIONS_IN_PATHS)) {
      path = ROOT + path.substring(version.length());
    } else if (has(Fault.ANY_VERSION)) {
      path = path.replaceFirst("/versions/[0-9]+", "");
    }
    boolean posts = path.endsWith("/infer") || path.endsWith("/index");
    if (!method.equals(posts ? "POST" : "GET") && !has(Fault.ANY_METHOD)) {
      throw new Refused(405, "another method");
    }
    switch (path) {
      case "/v2" -> send(exchange, 200, bytes(about()));
      case "/v2/" -> send(exchange, has(Fault.NO_TRAILING_SLASH) ? 404 : 200, bytes(about()));
      case "/v2/health/live" -> send(exchange, has(Fault.NOT_LIVE) ? 202 : 200, health("live"));
      case "/v2/health/ready" -> send(exchange, has(Fault.NOT_READY) ? 400 : 200, health("ready"));
      case ROOT -> send(exchange, 200, bytes(model.metadata()));
      case ROOT + "/ready" -> send(exchange, has(Fault.MODEL_NOT_READY) ? 202 : 200, new byte[0]);
      case ROOT + "/config" -> send(exchange, 200, bytes(config()));
      case ROOT + "/stats" -> send(exchange, 200, bytes(stats()));
      case "/v2/repository/index" -> send(exchange, 200, bytes(index(body)));
      case ROOT + "/infer" -> infer(exchange, body);
      default -> unknown(exchange, path);
    }
  }

  private void unknown(HttpExchange exchange, String path) throws IOException {
    if (path.endsWith("/ready") && has(Fault.EVERY_MODEL_READY)) {
      send(exchange, 200, new byte[0]);
      return;
    }
    boolean model = path.matches("/v2/models/[^/]+");
    throw new Refused(model && has(Fault.UNKNOWN_MODEL_IS_500) ? 500 : 404, "there is no " + path);
  }

  private JsonNode about() {
    ObjectNode about = JSON.createObjectNode().put("name", "tiny").put("version", "0");
    ArrayNode extensions = JSON.createArrayNode();
    for (String extension :
        new String[] {
          "binary_tensor_data",
          "model_configuration",
          "statistics",
          "model_repository",
          "classification"
        }) {
      extensions.add(extension);
    }
    if (has(Fault.NO_EXTENSIONS_ARRAY)) {
      ObjectNode named = about.putObject("extensions");
      extensions.forEach(extension -> named.set(extension.asText(), extension));
    } else {
      about.set("extensions", extensions);
    }
    return about;
  }

  private JsonNode config() {
    ObjectNode config = JSON.createObjectNode().put("name", MODEL);
    if (!has(Fault.NO_MAX_BATCH_SIZE)) {
      config.put("max_batch_size", 8);
    }
    config.putArray("input").addObject().put("name", "x").put("data_type", "TYPE_FP32");
    return config;
  }

  private JsonNode stats() {
    ObjectNode all = JSON.createObjectNode();
    ObjectNode stats = all.putArray("model_stats").addObject();
    stats.put("name", MODEL).put("version", "1");
    stats.put("inference_count", answered).put("execution_count", answered);
    ObjectNode groups = stats.putObject("inference_stats");
    for (String group :
        new String[] {
          "success",
          "queue",
          "compute_input",
          "compute_infer",
          "compute_output",
          "cache_hit",
          "cache_miss"
        }) {
      if (!group.startsWith("cache") || !has(Fault.NO_CACHE_GROUPS)) {
        groups.putObject(group).put("count", answered).put("ns", answered);
      }
    }
    return all;
  }

  private byte[] health(String member) throws IOException {
    return has(Fault.HEALTH_WITHOUT_BODY)
        ? new byte[0]
        : bytes(JSON.createObjectNode().put(member, true));
  }

  private JsonNode index(byte[] body) {
    if (body.length == 0 && has(Fault.INDEX_WANTS_A_BODY)) {
      throw new Refused(400, "no body");
    }
    ArrayNode index = JSON.createArrayNode();
    index.addObject().put("name", MODEL).put("version", "1").put("state", "READY");
    return has(Fault.INDEX_IS_AN_OBJECT) ? JSON.createObjectNode().set("models", index) : index;
  }

  private void infer(HttpExchange exchange, byte[] body) throws IOException {
    if (dead) {
      throw new Refused(500, "dead");
    }
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null
        && has(Fault.WANTS_CONTENT_TYPE)
        && exchange.getRequestHeaders().getFirst("Content-Encoding") == null) {
      throw new Refused(415, "Content-Type is missing");
    }
    byte[] plain = expanded(exchange.getRequestHeaders().getFirst("Content-Encoding"), body);
    TinyModel.Answer answer;
    try {
      answer = model.answer(exchange.getRequestHeaders().getFirst(Reply.JSON_LENGTH), plain);
    } catch (JsonProcessingException e) {
      throw new Refused(has(Fault.MALFORMED_IS_500) ? 500 : 400, "malformed JSON");
    } catch (Refused e) {
      dead = has(Fault.DIES_OF_BAD_DATA) && "data: another length".equals(e.getMessage());
      throw e;
    }
    if (!has(Fault.COUNTS_NOTHING)) {
      answered++;
    }
    send(exchange, answer);
  }

  private byte[] expanded(@Nullable String coding, byte[] body) throws IOException {
    if (coding == null) {
      return body;
    }
    try (var in = new ByteArrayInputStream(body)) {
      if (coding.equals("gzip")) {
        if (has(Fault.NO_GZIP) && body[0] == 0x1f) {
          throw new Refused(415, "no gzip here");
        }
        return new GZIPInputStream(in).readAllBytes();
      }
      if (coding.equals("deflate")) {
        return new InflaterInputStream(in, new Inflater(has(Fault.RAW_DEFLATE))).readAllBytes();
      }
      if (has(Fault.CODING_IGNORED)) {
        return body;
      }
      throw new Refused(415, "what is " + coding + "?");
    } catch (IOException e) {
      throw new Refused(
          has(Fault.DAMAGED_GZIP_IS_500) && coding.equals("gzip") ? 500 : 400, "damaged");
    }
  }

  private void send(HttpExchange exchange, TinyModel.Answer answer) throws IOException {
    byte[] json = bytes(answer.json());
    var headers = exchange.getResponseHeaders();
    byte[] whole = Subject.joined(json, answer.tensors());
    boolean named = answer.binary() && !has(Fault.BINARY_CALLED_JSON);
    headers.set("Content-Type", named ? "application/octet-stream" : "application/json");
    boolean coded = "gzip".equals(exchange.getRequestHeaders().getFirst("Accept-Encoding"));
    if (coded) {
      var bytes = new ByteArrayOutputStream();
      try (var out = new GZIPOutputStream(bytes)) {
        out.write(whole);
      }
      whole = bytes.toByteArray();
      headers.set("Content-Encoding", "gzip");
    }
    if (answer.binary()) {
      boolean wrong = coded && has(Fault.LENGTH_OF_COMPRESSED);
      headers.set(Reply.JSON_LENGTH, Integer.toString(wrong ? json.length / 2 : json.length));
    }
    send(exchange, has(Fault.CREATED) ? 201 : 200, whole);
  }

  private static byte[] bytes(JsonNode json) throws IOException {
    return JSON.writeValueAsBytes(json);
  }

  private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    if (body.length > 0) {
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
