package dev.nagare.loadtest.drill.verify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether every record of the input came out once: answered, or in the dead-letter topic. A row
 * that a guard took back was answered before, and a dead letter names it besides.
 *
 * @param lost offsets that came out nowhere
 * @param repeated offsets that came out more than once
 * @param strange outputs that belong to no record of the input, or to one of another kind
 * @param quarantined rows that guards took back
 */
record Coverage(List<Long> lost, List<Long> repeated, List<String> strange, long quarantined) {
  private static final ObjectMapper JSON = new ObjectMapper();

  static Coverage of(InputLog input, List<RawRecord> predictions, List<RawRecord> deadLetters)
      throws IOException {
    var counts = new Counts(input);
    for (RawRecord prediction : predictions) {
      counts.add(counts.answered, "prediction " + prediction.key(), offsetOf(input, prediction));
    }
    for (RawRecord letter : deadLetters) {
      String what = "dead letter " + letter.headers();
      if (!input.topic().equals(letter.headers().get("topic"))) {
        counts.strange.add(what);
      } else if ("quarantined".equals(letter.headers().get("kind"))) {
        for (JsonNode offset : JSON.readTree(letter.value()).path("offsets")) {
          counts.add(counts.quarantined, what, offset.longValue());
        }
      } else {
        String offset = letter.headers().getOrDefault("offset", "-1");
        counts.add(counts.refused, what, Long.parseLong(offset));
        counts.reasons.put(
            Long.parseLong(offset),
            letter.headers().get("kind") + ", " + letter.headers().get("reason"));
      }
    }
    return counts.judged();
  }

  private static long offsetOf(InputLog input, RawRecord prediction) {
    String prefix = input.topic() + "-0-";
    String key = String.valueOf(prediction.key());
    String number = key.startsWith(prefix) ? key.substring(prefix.length()) : "";
    return number.matches("\\d{1,18}") ? Long.parseLong(number) : -1;
  }

  private static final class Counts {
    private final InputLog input;
    private final Map<Long, Integer> answered = new HashMap<>();
    private final Map<Long, Integer> refused = new HashMap<>();
    private final Map<Long, Integer> quarantined = new HashMap<>();
    private final Map<Long, String> reasons = new HashMap<>();
    private final List<Long> lost = new ArrayList<>();
    private final List<Long> repeated = new ArrayList<>();
    private final List<String> strange = new ArrayList<>();

    Counts(InputLog input) {
      this.input = input;
    }

    void add(Map<Long, Integer> counts, String what, long offset) {
      if (input.kinds().containsKey(offset)) {
        counts.merge(offset, 1, Integer::sum);
      } else {
        strange.add(what);
      }
    }

    Coverage judged() {
      input.kinds().forEach(this::judge);
      return new Coverage(lost, repeated, strange, quarantined.size());
    }

    private void judge(long offset, String kind) {
      int answers = answered.getOrDefault(offset, 0);
      int refusals = refused.getOrDefault(offset, 0);
      int takenBack = quarantined.getOrDefault(offset, 0);
      if (answers + refusals == 0) {
        lost.add(offset);
      }
      if (answers + refusals > 1 || takenBack > 1) {
        repeated.add(offset);
      }
      boolean poison = kind.equals(InputLog.POISON);
      if (poison ? answers > 0 : refusals > 0) {
        String fate = poison ? " was answered" : " was refused: " + reasons.get(offset);
        strange.add(kind + " at offset " + offset + fate);
      }
      if (takenBack > 0 && !kind.equals(InputLog.ROW)) {
        strange.add(kind + " at offset " + offset + " was quarantined");
      }
    }
  }
}
