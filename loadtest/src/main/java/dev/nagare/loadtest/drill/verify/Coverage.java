package dev.nagare.loadtest.drill.verify;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether every record of the input came out once: answered, or in the dead-letter topic. A row
 * that a guard took back was answered before, and is in the dead-letter topic besides.
 *
 * @param lost offsets that came out nowhere
 * @param repeated offsets that came out more than once
 * @param strange outputs that belong to no record of the input, or to one of another kind
 * @param quarantined rows that guards took back
 */
record Coverage(List<Long> lost, List<Long> repeated, List<String> strange, long quarantined) {
  private static final String QUARANTINED = "quarantined";

  static Coverage of(InputLog input, List<RawRecord> predictions, List<RawRecord> deadLetters) {
    Map<Long, Integer> answered = new HashMap<>();
    Map<Long, Integer> refused = new HashMap<>();
    Map<Long, Integer> quarantined = new HashMap<>();
    List<String> strange = new ArrayList<>();
    for (RawRecord prediction : predictions) {
      count(answered, strange, input, "prediction " + prediction.key(), offsetOf(input, prediction));
    }
    for (RawRecord letter : deadLetters) {
      String offset = letter.headers().getOrDefault("offset", "-1");
      String origin = letter.headers().getOrDefault("topic", "");
      boolean takenBack = letter.headers().containsValue(QUARANTINED);
      count(
          takenBack ? quarantined : refused,
          strange,
          input,
          "dead letter " + letter.headers(),
          origin.equals(input.topic()) ? Long.parseLong(offset) : -1);
    }
    return judged(input, answered, refused, quarantined, strange);
  }

  private static long offsetOf(InputLog input, RawRecord prediction) {
    String prefix = input.topic() + "-0-";
    String key = String.valueOf(prediction.key());
    String number = key.startsWith(prefix) ? key.substring(prefix.length()) : "";
    return number.matches("\\d{1,18}") ? Long.parseLong(number) : -1;
  }

  private static void count(
      Map<Long, Integer> counts, List<String> strange, InputLog input, String what, long offset) {
    if (input.kinds().containsKey(offset)) {
      counts.merge(offset, 1, Integer::sum);
    } else {
      strange.add(what);
    }
  }

  private static Coverage judged(
      InputLog input,
      Map<Long, Integer> answered,
      Map<Long, Integer> refused,
      Map<Long, Integer> quarantined,
      List<String> strange) {
    List<Long> lost = new ArrayList<>();
    List<Long> repeated = new ArrayList<>();
    input
        .kinds()
        .forEach(
            (offset, kind) -> {
              int answers = answered.getOrDefault(offset, 0);
              int refusals = refused.getOrDefault(offset, 0);
              int takenBack = quarantined.getOrDefault(offset, 0);
              if (answers + refusals == 0) {
                lost.add(offset);
              }
              if (answers + refusals > 1 || takenBack > 1) {
                repeated.add(offset);
              }
              if (kind.equals(InputLog.POISON) ? answers > 0 : refusals > 0) {
                strange.add(kind + " at offset " + offset + " was "
                    + (answers > 0 ? "answered" : "refused"));
              }
              if (takenBack > 0 && !kind.equals(InputLog.ROW)) {
                strange.add(kind + " at offset " + offset + " was quarantined");
              }
            });
    return new Coverage(lost, repeated, strange, quarantined.size());
  }
}
