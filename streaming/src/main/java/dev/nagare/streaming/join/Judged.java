package dev.nagare.streaming.join;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.Fate;
import dev.nagare.streaming.LabelFault;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What some labels have come to: examples, letters about other labels, and how many of each fate.
 * Filled by the thread that judges, then given away for good.
 */
final class Judged {
  private static final int MANY_RECORDS = 500;
  private static final long MANY_BYTES = 1 << 22;

  private final List<Example> examples = new ArrayList<>();
  private final List<Letter> letters = new ArrayList<>();
  private final Map<Fate, Integer> fates = new EnumMap<>(Fate.class);
  private final Map<LabelFault, Integer> faults = new EnumMap<>(LabelFault.class);
  private long bytes;
  private int forgotten;

  /** An example on its way. */
  @SuppressWarnings("ArrayRecordComponent") // on its way out, compared by nobody
  record Example(byte[] key, byte[] value) {}

  /** A label on its way to the dead letters. */
  @SuppressWarnings("ArrayRecordComponent") // on its way out, compared by nobody
  record Letter(byte @Nullable [] key, byte @Nullable [] value, Map<String, String> headers) {}

  /** A prediction has become an example. */
  void example(PredictionId id, byte[] value) {
    examples.add(new Example(id.toString().getBytes(UTF_8), value));
    bytes += value.length;
  }

  /** A label goes to the dead letters. */
  void letter(Letter letter) {
    letters.add(letter);
    byte[] value = letter.value();
    bytes += value == null ? 0 : value.length;
  }

  /** A label has this fate. */
  void fate(Fate fate) {
    fates.merge(fate, 1, Integer::sum);
  }

  /** A label is invalid for this. */
  void fault(LabelFault fault) {
    faults.merge(fault, 1, Integer::sum);
  }

  /** A prediction was forgotten without a label. */
  void forget() {
    forgotten++;
  }

  List<Example> examples() {
    return examples;
  }

  List<Letter> letters() {
    return letters;
  }

  Map<Fate, Integer> fates() {
    return fates;
  }

  Map<LabelFault, Integer> faults() {
    return faults;
  }

  /** Predictions that were forgotten without a label. */
  int forgotten() {
    return forgotten;
  }

  /** Records that are to be written. */
  int records() {
    return examples.size() + letters.size();
  }

  /** Bytes of their values. */
  long bytes() {
    return bytes;
  }

  /** Whether it is to be given away before more labels are judged. */
  boolean isMuch() {
    return records() >= MANY_RECORDS || bytes >= MANY_BYTES;
  }
}
