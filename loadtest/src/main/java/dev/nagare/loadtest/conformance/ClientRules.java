package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * What single stock clients insist on, beyond the specification; their sources were read in
 * November 2026.
 */
final class ClientRules {
  private static final Set<String> ANSWER =
      Set.of("model_name", "model_version", "id", "parameters", "outputs");
  private static final Set<String> OUTPUT =
      Set.of("name", "shape", "datatype", "parameters", "data");

  private ClientRules() {}

  static List<Case> cases() {
    return List.of(
        new Case(
            "empty-id",
            "an empty id is taken for none: the C++ client and perf_analyzer always send one",
            ClientRules::emptyId),
        new Case(
            "known-members",
            "answers have members of the protocol only: the Java client refuses others",
            ClientRules::members),
        new Case(
            "error-alone",
            "a refusal has the member error only: the Java client refuses others",
            ClientRules::error),
        new Case(
            "index-without-body",
            "the index is answered to a POST without a body: so the Python and C++ clients ask",
            ClientRules::index),
        new Case(
            "health-members",
            "health is told in the members live and ready: KServe's client reads them",
            ClientRules::health));
  }

  private static void emptyId(Subject subject) throws IOException, InterruptedException {
    JsonNode answer = subject.infer(subject.request().put("id", "")).succeeded().json();
    Violation.unless(answer.path("id").asText().isEmpty(), "no id", answer);
  }

  private static void members(Subject subject) throws IOException, InterruptedException {
    JsonNode answer = subject.infer(subject.request()).succeeded().json();
    requireKnown(answer, ANSWER);
    for (JsonNode output : answer.path("outputs")) {
      requireKnown(output, OUTPUT);
    }
  }

  private static void error(Subject subject) throws IOException, InterruptedException {
    requireKnown(subject.get("/v2/models/there-is-no-such-model").json(), Set.of("error"));
  }

  private static void requireKnown(JsonNode object, Set<String> names) {
    object
        .fieldNames()
        .forEachRemaining(
            name -> Violation.unless(names.contains(name), "members of " + names, name));
  }

  private static void index(Subject subject) throws IOException, InterruptedException {
    subject.requireExtension("model_repository");
    subject.send("POST", "/v2/repository/index", new byte[0]).status(200);
  }

  private static void health(Subject subject) throws IOException, InterruptedException {
    for (String member : new String[] {"live", "ready"}) {
      JsonNode health = subject.get("/v2/health/" + member).json();
      Violation.unless(health.path(member).isBoolean(), member + ", true or false", health);
    }
  }
}
