package dev.nagare.loadtest.drill.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What a model said of each row. Two learners of the same log say the same, to the last bit, by the
 * same version: each had learned just the rows before.
 */
final class Answers {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, String> byId = new HashMap<>();

  /** Reads the answers to rows; questions are answered by whatever version is there. */
  Answers(InputLog input, List<RawRecord> predictions) throws IOException {
    Map<String, Boolean> rows = new HashMap<>();
    input.rows().forEach(row -> rows.put(input.topic() + "-0-" + row.offset(), true));
    for (RawRecord prediction : predictions) {
      String id = String.valueOf(prediction.key());
      if (rows.containsKey(id)) {
        JsonNode answer = JSON.readTree(Objects.requireNonNull(prediction.value(), id));
        byId.put(id, answer.path("model_version") + " " + answer.path("outputs"));
      }
    }
  }

  /** Ids that were answered otherwise by the other. */
  List<String> unlike(Answers other) {
    List<String> unlike = new ArrayList<>();
    byId.forEach(
        (id, answer) -> {
          if (!answer.equals(other.byId.get(id))) {
            unlike.add(id);
          }
        });
    return unlike.stream().sorted().toList();
  }
}
