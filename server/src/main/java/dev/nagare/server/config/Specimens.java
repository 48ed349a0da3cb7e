package dev.nagare.server.config;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Start-up files that together ask for every key: some keys are read only beside others. Nobody
 * runs with them, and the files that they name need not be there.
 */
final class Specimens {
  private Specimens() {}

  /** Of what the defaults are, and a file. */
  static Map<String, String> all() {
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
}
