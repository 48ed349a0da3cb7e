package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;

/** What the server says of itself, and its health. */
final class ServerRules {
  private ServerRules() {}

  static List<Case> cases() {
    return List.of(
        new Case(
            "server-metadata",
            "GET /v2 answers name, version and the array extensions",
            ServerRules::metadata),
        new Case(
            "server-metadata-slash",
            "GET /v2/, as the OpenAPI file writes it, answers as well",
            subject -> subject.get("/v2/").succeeded()),
        new Case(
            "live",
            "GET /v2/health/live is 200",
            subject -> subject.get("/v2/health/live").status(200)),
        new Case(
            "ready",
            "GET /v2/health/ready is 200 when models answer",
            subject -> subject.get("/v2/health/ready").status(200)),
        new Case(
            "model-ready",
            "GET …/ready of a model that answers is 200",
            subject -> subject.get(subject.path() + "/ready").status(200)),
        new Case(
            "unknown-model-not-ready",
            "GET …/ready of a model that is not there is not 200",
            ServerRules::unknownReady),
        new Case("wrong-method", "another method than a path has is 405", ServerRules::method));
  }

  private static void metadata(Subject subject) {
    JsonNode about = subject.about();
    Violation.unless(about.path("name").isTextual(), "name, a string", about);
    Violation.unless(about.path("version").isTextual(), "version, a string", about);
    Violation.unless(about.path("extensions").isArray(), "extensions, an array", about);
  }

  private static void unknownReady(Subject subject) throws IOException, InterruptedException {
    Reply reply = subject.get("/v2/models/there-is-no-such-model/ready");
    Violation.unless(reply.status() >= 400, "a status from 400 up", reply);
  }

  private static void method(Subject subject) throws IOException, InterruptedException {
    subject.send("DELETE", subject.path() + "/infer", new byte[0]).status(405);
  }
}
