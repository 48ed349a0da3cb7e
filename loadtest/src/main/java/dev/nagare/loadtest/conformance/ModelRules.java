package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** Metadata of a model, and versions in paths. */
final class ModelRules {
  private static final Set<String> DATATYPES =
      Set.of(
          "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16",
          "FP32", "FP64", "BF16", "BYTES");

  private ModelRules() {}

  static List<Case> cases() {
    return List.of(
        new Case(
            "model-metadata",
            "a model's metadata has name, platform, inputs and outputs with name, datatype, shape",
            ModelRules::metadata),
        new Case(
            "version-in-path",
            "a listed version can be asked for in the path, for metadata, readiness and inference",
            ModelRules::version),
        new Case(
            "unknown-version",
            "a version that is not there is refused",
            subject -> subject.get(subject.path() + "/versions/987654321").refused()),
        new Case(
            "unknown-model",
            "a model that is not there is 404, or 400 as with Triton's namespaces",
            ModelRules::unknown));
  }

  private static void metadata(Subject subject) {
    JsonNode metadata = subject.metadata();
    Violation.unless(
        subject.model().equals(metadata.path("name").asText()),
        "name " + subject.model(),
        metadata);
    Violation.unless(metadata.path("platform").isTextual(), "platform, a string", metadata);
    for (String kind : new String[] {"inputs", "outputs"}) {
      Violation.unless(metadata.path(kind).isArray(), kind + ", an array", metadata);
      for (JsonNode tensor : metadata.path(kind)) {
        Violation.unless(tensor.path("name").isTextual(), "name, a string", tensor);
        Violation.unless(
            DATATYPES.contains(tensor.path("datatype").asText()), "a known datatype", tensor);
        Violation.unless(tensor.path("shape").isArray(), "shape, an array", tensor);
        for (JsonNode size : tensor.path("shape")) {
          Violation.unless(size.isIntegralNumber(), "shape of whole numbers", tensor);
        }
      }
    }
  }

  private static void version(Subject subject) throws IOException, InterruptedException {
    JsonNode versions = subject.get(subject.path()).json().path("versions");
    if (versions.isEmpty()) {
      throw new NotTried("the metadata lists no versions");
    }
    String path = subject.path() + "/versions/" + versions.get(0).asText();
    subject.get(path).succeeded();
    subject.get(path + "/ready").succeeded();
    subject.post(path + "/infer", subject.request()).succeeded();
  }

  private static void unknown(Subject subject) throws IOException, InterruptedException {
    Reply reply = subject.get("/v2/models/there-is-no-such-model");
    Violation.unless(reply.status() == 404 || reply.status() == 400, "status 404", reply);
  }
}
