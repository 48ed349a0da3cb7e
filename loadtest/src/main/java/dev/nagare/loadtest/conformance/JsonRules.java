package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/** Inference with JSON alone. */
final class JsonRules {
  private JsonRules() {}

  static List<Case> cases() {
    return List.of(
        new Case("json-answer", "an answer has model_name and all outputs", JsonRules::answer),
        new Case(
            "success-is-200",
            "a success is exactly 200: stock clients take 201 and 204 for errors",
            subject -> subject.infer(subject.request()).status(200)),
        new Case(
            "nested-data",
            "data nested as the shape means the same as flat data",
            JsonRules::nested),
        new Case(
            "no-content-type",
            "a request without Content-Type is served: the Python client sends none",
            subject ->
                subject
                    .send("POST", subject.path() + "/infer", Subject.text(subject.request()))
                    .succeeded()),
        new Case("id-echoed", "the id of a request comes back", JsonRules::id),
        new Case(
            "no-id", "without an id there is none in the answer, or an empty one", JsonRules::noId),
        new Case("version-is-text", "model_version, if there, is a string", JsonRules::version),
        new Case("outputs-chosen", "only the outputs that were named come back", JsonRules::chosen),
        new Case(
            "unknown-members", "members that nobody knows are passed over", JsonRules::members),
        new Case(
            "parameters",
            "parameters of strings, numbers and booleans are taken",
            JsonRules::parameters),
        new Case(
            "nested-parameter",
            "a parameter that is an object is refused",
            JsonRules::badParameter));
  }

  private static void answer(Subject subject) throws IOException, InterruptedException {
    JsonNode answer = subject.infer(subject.request()).succeeded().json();
    Violation.unless(
        subject.model().equals(answer.path("model_name").asText()),
        "model_name " + subject.model(),
        answer);
    Violation.unless(
        answer.path("outputs").size() == subject.metadata().path("outputs").size(),
        subject.metadata().path("outputs").size() + " outputs",
        answer);
    for (JsonNode output : answer.path("outputs")) {
      long elements = 1;
      for (JsonNode size : output.path("shape")) {
        elements *= size.asLong();
      }
      Violation.unless(output.path("name").isTextual(), "name, a string", output);
      Violation.unless(output.path("datatype").isTextual(), "datatype, a string", output);
      Violation.unless(
          count(output.path("data")) == elements, elements + " elements as its shape says", output);
    }
  }

  private static long count(JsonNode data) {
    long count = 0;
    for (JsonNode element : data) {
      count += element.isArray() ? count(element) : 1;
    }
    return count;
  }

  private static void nested(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.request();
    ArrayNode inputs = request.putArray("inputs");
    subject.inputs().forEach(input -> inputs.add(input.nested()));
    JsonNode nested = subject.infer(request).succeeded().json();
    JsonNode flat = subject.infer(subject.request()).succeeded().json();
    Violation.unless(
        nested.path("outputs").equals(flat.path("outputs")), "the same outputs", nested);
  }

  private static void id(Subject subject) throws IOException, InterruptedException {
    String id = "Nummer \"7\" – a/b";
    JsonNode answer = subject.infer(subject.request().put("id", id)).succeeded().json();
    Violation.unless(id.equals(answer.path("id").asText()), "id " + id, answer);
  }

  private static void noId(Subject subject) throws IOException, InterruptedException {
    JsonNode answer = subject.infer(subject.request()).succeeded().json();
    Violation.unless(answer.path("id").asText().isEmpty(), "no id", answer);
  }

  private static void version(Subject subject) throws IOException, InterruptedException {
    JsonNode version = subject.infer(subject.request()).succeeded().json().path("model_version");
    Violation.unless(
        version.isMissingNode() || version.isTextual(), "model_version, a string", version);
  }

  private static void chosen(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.request();
    request.putArray("outputs").addObject().put("name", subject.output(0));
    JsonNode outputs = subject.infer(request).succeeded().json().path("outputs");
    Violation.unless(
        outputs.size() == 1 && subject.output(0).equals(outputs.at("/0/name").asText()),
        "the output " + subject.output(0) + " alone",
        outputs);
  }

  private static void members(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.request();
    request.putObject("there_is_no_such_member").putArray("with").add(1);
    subject.infer(request).succeeded();
  }

  private static void parameters(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.request();
    request.putObject("parameters").put("a", "text").put("b", 1.5).put("c", true);
    subject.infer(request).succeeded();
  }

  private static void badParameter(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.request();
    request.putObject("parameters").putObject("a").put("b", 1);
    subject.infer(request).refused();
  }
}
