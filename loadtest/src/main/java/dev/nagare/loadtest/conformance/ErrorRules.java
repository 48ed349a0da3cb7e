package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Requests that are wrong, and what their callers are told. */
final class ErrorRules {
  private ErrorRules() {}

  static List<Case> cases() {
    return List.of(
        new Case(
            "error-member", "the body of a refusal is {\"error\": \"text\"}", ErrorRules::error),
        new Case(
            "malformed-json",
            "a body that is no JSON is 400",
            subject -> malformed(subject).status(400)),
        new Case("no-inputs", "a request without inputs is 400", ErrorRules::noInputs),
        new Case(
            "unknown-input", "an input that the model has not is 400", ErrorRules::unknownInput),
        new Case(
            "unknown-output", "an output that the model has not is 400", ErrorRules::unknownOutput),
        new Case("wrong-datatype", "an input of another datatype is 400", ErrorRules::datatype),
        new Case(
            "data-fits-shape",
            "data of another length than the shape says is 400",
            ErrorRules::length),
        new Case(
            "alive-afterwards",
            "after all of these a right request is answered",
            subject -> subject.infer(subject.request()).succeeded()));
  }

  private static ObjectNode first(ObjectNode request) {
    return (ObjectNode) request.path("inputs").get(0);
  }

  private static void error(Subject subject) throws IOException, InterruptedException {
    requireError(subject.get("/v2/models/there-is-no-such-model"));
    requireError(malformed(subject));
  }

  private static void requireError(Reply reply) {
    Violation.unless(reply.json().path("error").isTextual(), "the member error, a string", reply);
  }

  private static Reply malformed(Subject subject) throws IOException, InterruptedException {
    byte[] half = "{\"inputs\": [".getBytes(StandardCharsets.UTF_8);
    return subject.send(
        "POST", subject.path() + "/infer", half, "Content-Type", "application/json");
  }

  private static void noInputs(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.request();
    request.remove("inputs");
    subject.infer(request).status(400);
  }

  private static void unknownInput(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.request();
    first(request).put("name", "there-is-no-such-input");
    subject.infer(request).status(400);
  }

  private static void unknownOutput(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.request();
    request.putArray("outputs").addObject().put("name", "there-is-no-such-output");
    subject.infer(request).status(400);
  }

  private static void datatype(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.request();
    boolean whole = subject.inputs().getFirst().datatype().equals("INT32");
    first(request).put("datatype", whole ? "FP64" : "INT32");
    first(request).putArray("data").removeAll();
    for (int i = 0; i < subject.inputs().getFirst().elements(); i++) {
      ((ArrayNode) first(request).get("data")).add(1);
    }
    subject.infer(request).status(400);
  }

  private static void length(Subject subject) throws IOException, InterruptedException {
    ObjectNode request = subject.request();
    JsonNode data = first(request).path("data");
    ((ArrayNode) data).add(data.get(0));
    subject.infer(request).status(400);
  }
}
