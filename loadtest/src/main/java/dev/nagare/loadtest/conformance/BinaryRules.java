package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The binary tensor extension, which stock clients use by default. */
final class BinaryRules {
  private BinaryRules() {}

  static List<Case> cases() {
    return List.of(
        new Case(
            "binary-answer",
            "binary_data_output: outputs follow the JSON, with binary_data_size and without data",
            BinaryRules::answer),
        new Case(
            "binary-content-type",
            "an answer with bytes is application/octet-stream and as long as Content-Length",
            BinaryRules::headers),
        new Case(
            "binary-means-the-same", "bytes and JSON carry the same numbers", BinaryRules::same),
        new Case(
            "binary-asked-for",
            "without binary_data_output a binary request is answered in JSON",
            BinaryRules::json),
        new Case(
            "json-request-binary-answer",
            "a JSON request may ask for a binary answer",
            BinaryRules::jsonRequest),
        new Case(
            "binary-per-output",
            "binary_data of an output wins over binary_data_output of the request",
            BinaryRules::perOutput),
        new Case(
            "binary-size-fits-shape",
            "binary_data_size other than the shape takes is 400",
            BinaryRules::size),
        new Case(
            "binary-truncated", "fewer bytes than the inputs take is 400", BinaryRules::truncated),
        new Case("binary-surplus", "more bytes than the inputs take is 400", BinaryRules::surplus),
        new Case(
            "binary-header-in-body",
            "a JSON length beyond the body is 400",
            subject -> header(subject, "1000000")),
        new Case(
            "binary-header-number",
            "a JSON length that is no number is 400",
            subject -> header(subject, "many")),
        new Case(
            "binary-raw",
            "a JSON length of 0 is a raw request: the only input's bytes, one row, answered in bytes",
            BinaryRules::raw),
        new Case(
            "half-precision-json", "FP16 and BF16 do not travel as JSON: 400", BinaryRules::half));
  }

  private static ObjectNode asking(Subject subject) {
    ObjectNode request = subject.binaryRequest();
    request.putObject("parameters").put("binary_data_output", true);
    return request;
  }

  private static Reply asked(Subject subject) throws IOException, InterruptedException {
    return subject.infer(asking(subject), subject.bytes()).succeeded();
  }

  private static void answer(Subject subject) throws IOException, InterruptedException {
    Reply reply = asked(subject);
    requireBytes(reply);
    long bytes = 0;
    for (JsonNode output : reply.json().path("outputs")) {
      JsonNode size = output.path("parameters").path("binary_data_size");
      Violation.unless(size.isIntegralNumber(), "binary_data_size, a number", output);
      Violation.unless(!output.has("data"), "no data", output);
      bytes += size.asLong();
    }
    Violation.unless(
        reply.tensors().remaining() == bytes,
        bytes + " bytes after the JSON, as the sizes say",
        reply.tensors().remaining());
  }

  private static void requireBytes(Reply reply) {
    Violation.unless(
        reply.header(Reply.JSON_LENGTH) != null, "the header " + Reply.JSON_LENGTH, "none");
  }

  private static void headers(Subject subject) throws IOException, InterruptedException {
    Reply reply = asked(subject);
    String type = String.valueOf(reply.header("Content-Type"));
    Violation.unless(type.startsWith("application/octet-stream"), "application/octet-stream", type);
    String length = reply.header("Content-Length");
    Violation.unless(
        length == null || length.equals(Integer.toString(reply.body().length)),
        "Content-Length " + reply.body().length,
        length);
  }

  private static void same(Subject subject) throws IOException, InterruptedException {
    Reply binary = asked(subject);
    JsonNode json = subject.infer(subject.request()).succeeded().json();
    ByteBuffer bytes = binary.tensors();
    for (JsonNode output : json.path("outputs")) {
      String datatype = output.path("datatype").asText();
      if (!datatype.equals("FP32") && !datatype.equals("INT64")) {
        throw new NotTried("output " + output.path("name") + " is " + datatype);
      }
      for (JsonNode element : flat(output.path("data"))) {
        double sent = datatype.equals("FP32") ? bytes.getFloat() : bytes.getLong();
        double said = element.asDouble();
        Violation.unless(
            Math.abs(sent - said) <= 1e-5 * Math.max(1, Math.abs(said)), "" + said, sent);
      }
    }
  }

  private static List<JsonNode> flat(JsonNode data) {
    List<JsonNode> all = new ArrayList<>();
    data.forEach(
        element -> {
          if (element.isArray()) {
            all.addAll(flat(element));
          } else {
            all.add(element);
          }
        });
    return all;
  }

  private static void json(Subject subject) throws IOException, InterruptedException {
    JsonNode answer = subject.infer(subject.binaryRequest(), subject.bytes()).succeeded().json();
    Violation.unless(answer.at("/outputs/0/data").isArray(), "data as JSON", answer);
  }

  private static void jsonRequest(Subject subject) throws IOException, InterruptedException {
    subject.requireExtension("binary_tensor_data");
    ObjectNode request = subject.request();
    request.putObject("parameters").put("binary_data_output", true);
    requireBytes(subject.infer(request).succeeded());
  }

  private static void perOutput(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = asking(subject);
    request
        .putArray("outputs")
        .addObject()
        .put("name", subject.output(0))
        .putObject("parameters")
        .put("binary_data", false);
    JsonNode answer = subject.infer(request, subject.bytes()).succeeded().json();
    Violation.unless(answer.at("/outputs/0/data").isArray(), "data as JSON", answer);
  }

  private static void size(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.binaryRequest();
    int extra = subject.inputs().getLast().width();
    ObjectNode last = (ObjectNode) request.path("inputs").get(subject.inputs().size() - 1);
    int size = subject.inputs().getLast().bytes().length + extra;
    last.putObject("parameters").put("binary_data_size", size);
    byte[] bytes = subject.bytes();
    subject.infer(request, Arrays.copyOf(bytes, bytes.length + extra)).status(400);
  }

  private static void truncated(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.binaryRequest();
    byte[] bytes = subject.bytes();
    subject.infer(request, Arrays.copyOf(bytes, bytes.length - 1)).status(400);
  }

  private static void surplus(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.binaryRequest();
    byte[] bytes = subject.bytes();
    subject.infer(request, Arrays.copyOf(bytes, bytes.length + 3)).status(400);
  }

  private static void header(Subject subject, String length)
      throws IOException, InterruptedException {
    byte[] json = Subject.text(subject.binaryRequest());
    subject.inferWith(length, Subject.joined(json, subject.bytes())).status(400);
  }

  private static void raw(Subject subject) throws IOException, InterruptedException {
    subject.requireExtension("binary_tensor_data");
    JsonNode shape = subject.metadata().at("/inputs/0/shape");
    int open = 0;
    for (int axis = 1; axis < shape.size(); axis++) {
      open += shape.get(axis).asLong() < 0 ? 1 : 0;
    }
    if (subject.inputs().size() != 1 || open > 1) {
      throw new NotTried("only for a model of one input with at most one open size");
    }
    requireBytes(subject.inferWith("0", subject.bytes()).succeeded());
  }

  private static void half(Subject subject) throws IOException, InterruptedException {
    for (String datatype : new String[] {"FP16", "BF16"}) {
      ObjectNode request = subject.request();
      ((ObjectNode) request.path("inputs").get(0)).put("datatype", datatype);
      subject.infer(request).status(400);
    }
  }
}
