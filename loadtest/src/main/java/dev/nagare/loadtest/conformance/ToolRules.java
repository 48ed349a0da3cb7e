package dev.nagare.loadtest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** What perf_analyzer and other tools read beside answers. */
final class ToolRules {
  private static final List<String> GROUPS =
      List.of(
          "success",
          "queue",
          "compute_input",
          "compute_infer",
          "compute_output",
          "cache_hit",
          "cache_miss");
  private static final Set<String> STATES =
      Set.of("READY", "UNAVAILABLE", "LOADING", "UNLOADING", "UNKNOWN");

  private ToolRules() {}

  static List<Case> cases() {
    return List.of(
        new Case(
            "config",
            "…/config has max_batch_size and the names of the inputs, as perf_analyzer reads them",
            ToolRules::config),
        new Case(
            "config-batch",
            "with a max_batch_size above 0 the metadata's shapes begin with -1",
            ToolRules::batch),
        new Case(
            "statistics",
            "…/stats has all seven groups with count and ns: they are read without looking",
            ToolRules::statistics),
        new Case("statistics-grow", "an inference is counted", ToolRules::grow),
        new Case("index", "the repository's index is an array of name and state", ToolRules::index),
        new Case(
            "classification",
            "the output parameter classification answers BYTES of score:index",
            ToolRules::classification));
  }

  private static JsonNode configured(Subject subject) throws IOException, InterruptedException {
    subject.requireExtension("model_configuration");
    return subject.get(subject.path() + "/config").succeeded().json();
  }

  private static void config(Subject subject) throws IOException, InterruptedException {
    JsonNode config = configured(subject);
    Violation.unless(
        config.path("max_batch_size").isIntegralNumber(), "max_batch_size, a number", config);
    Violation.unless(
        config.path("input").size() == subject.inputs().size(),
        subject.inputs().size() + " inputs",
        config);
    for (JsonNode input : config.path("input")) {
      Violation.unless(input.path("name").isTextual(), "name, a string", input);
    }
  }

  private static void batch(Subject subject) throws IOException, InterruptedException {
    if (configured(subject).path("max_batch_size").asLong() == 0) {
      throw new NotTried("the model takes no batches");
    }
    for (String kind : new String[] {"inputs", "outputs"}) {
      for (JsonNode tensor : subject.metadata().path(kind)) {
        Violation.unless(tensor.at("/shape/0").asLong() == -1, "a shape from -1 on", tensor);
      }
    }
  }

  private static JsonNode stats(Subject subject) throws IOException, InterruptedException {
    subject.requireExtension("statistics");
    JsonNode all = subject.get(subject.path() + "/stats").succeeded().json();
    JsonNode stats = all.at("/model_stats/0");
    Violation.unless(stats.isObject(), "model_stats of the model", all);
    return stats;
  }

  private static void statistics(Subject subject) throws IOException, InterruptedException {
    JsonNode stats = stats(subject);
    Violation.unless(stats.path("name").isTextual(), "name, a string", stats);
    Violation.unless(stats.path("version").isTextual(), "version, a string", stats);
    for (String number : new String[] {"inference_count", "execution_count"}) {
      Violation.unless(stats.path(number).isIntegralNumber(), number + ", a number", stats);
    }
    for (String group : GROUPS) {
      for (String member : new String[] {"count", "ns"}) {
        Violation.unless(
            stats.path("inference_stats").path(group).path(member).isIntegralNumber(),
            "inference_stats." + group + "." + member + ", a number",
            stats);
      }
    }
  }

  private static void grow(Subject subject) throws IOException, InterruptedException {
    long before = stats(subject).at("/inference_stats/success/count").asLong();
    subject.infer(subject.request()).succeeded();
    long after = stats(subject).at("/inference_stats/success/count").asLong();
    Violation.unless(after > before, "more than " + before + " successes", after);
  }

  private static void index(Subject subject) throws IOException, InterruptedException {
    subject.requireExtension("model_repository");
    JsonNode index =
        subject
            .post("/v2/repository/index", new ObjectMapper().createObjectNode())
            .succeeded()
            .json();
    Violation.unless(index.isArray(), "an array", index);
    for (JsonNode entry : index) {
      Violation.unless(entry.path("name").isTextual(), "name, a string", entry);
      Violation.unless(
          !entry.has("state") || STATES.contains(entry.path("state").asText()),
          "a state of " + STATES,
          entry);
    }
  }

  private static void classification(Subject subject) throws IOException, InterruptedException {
    subject.requireExtension("classification");
    ObjectNode request = subject.request();
    request
        .putArray("outputs")
        .addObject()
        .put("name", subject.output(0))
        .putObject("parameters")
        .put("classification", 1);
    JsonNode output = subject.infer(request).succeeded().json().at("/outputs/0");
    Violation.unless("BYTES".equals(output.path("datatype").asText()), "BYTES", output);
    JsonNode first = output.path("data").path(0);
    Violation.unless(
        (first.isArray() ? first.path(0) : first).asText().matches("[^:]+:[0-9]+(:.*)?"),
        "score:index",
        output);
  }
}
