package dev.nagare.server.config;

import dev.nagare.graph.Dim;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.tensor.DType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files that together ask for every key: some keys are read only beside others. Nobody runs with
 * them, and the files that they name need not be there.
 */
final class Specimens {
  private Specimens() {}

  /** Of what the defaults are, and a start-up file. */
  static Map<String, String> startUp() {
    var all = new LinkedHashMap<String, String>();
    all.put(
        "forecast",
        """
        auth: {jwt: {keys: issuer.pem}}
        kafka: {}
        models: [{name: a, features: [x]}]
        """);
    all.put(
        "classify",
        """
        models:
          - {name: a, features: [x], task: classify, format: csv}
          - {name: b, features: [x], task: classify, capture: sync, examples: joined}
        """);
    all.put("explicit", "repository: {folder: models, control: explicit}");
    all.put("poll", "repository: {folder: models, control: poll}");
    return all;
  }

  /** The same of a model's {@code model.yaml}. */
  static Map<String, String> models() {
    var all = new LinkedHashMap<String, String>();
    all.put("all", "versions: all");
    all.put("specific", "versions: {specific: [1]}");
    all.put(
        "latest",
        "{versions: {latest: 2}, canary: {version: 3, share: 1}, shadow: {version: 3, share: 1},"
            + " precision: bf16}");
    return all;
  }

  /**
   * A version's {@code model.yaml}.
   *
   * @param inputs of its model
   * @param outputs of its model
   */
  record OfVersion(String text, List<TensorSpec> inputs, List<TensorSpec> outputs) {}

  /** The same of a version's. */
  static Map<String, OfVersion> versions() {
    Dim open = Dim.named("n");
    var pixels = new TensorSpec("pixels", DType.F32, List.of(open, Dim.of(3), open, open));
    var ids = new TensorSpec("input_ids", DType.I64, List.of(open, open));
    var scores = new TensorSpec("scores", DType.F32, List.of(open, Dim.of(3)));
    var vectors = new TensorSpec("vectors", DType.F32, List.of(open, open, Dim.of(3)));
    var all = new LinkedHashMap<String, OfVersion>();
    all.put(
        "a tokenizer",
        new OfVersion(
            "{input: {text: {tokenizer: a}}, output: {embedding: {}}}",
            List.of(ids),
            List.of(vectors)));
    all.put(
        "a vocabulary",
        new OfVersion(
            "{input: {text: {vocabulary: a}}, output: {embedding: {}}}",
            List.of(ids),
            List.of(vectors)));
    all.put(
        "pictures",
        new OfVersion(
            "{input: {image: {resize: shortest-edge-and-crop}}, output: {classes: {}}}",
            List.of(pixels),
            List.of(scores)));
    return all;
  }
}
