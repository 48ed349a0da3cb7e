package dev.nagare.loadtest.drill.verify;

import dev.nagare.loadtest.drill.verify.RegistryEntry.Checkpoint;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Judges learners of one topic by what is in the topics. Blocks while it reads; used by one thread.
 */
public final class Verifier {
  private static final int MOST_CHECKPOINTS = 3;

  private final String bootstrap;
  private final InputLog input;
  private final RecordsDigest digest;
  private final Faults faults;
  private final Map<String, List<RawRecord>> predictions = new HashMap<>();

  /**
   * Reads the input topic, which must not grow any more.
   *
   * @param faults receives what is wrong
   */
  public Verifier(String bootstrap, String topic, Faults faults) {
    this.bootstrap = bootstrap;
    this.input = InputLog.read(bootstrap, topic);
    this.digest = new RecordsDigest(input);
    this.faults = faults;
  }

  /** Offset after the last record of the input. */
  public long end() {
    return input.end();
  }

  /** Judges a model that has learned the whole input and written its final checkpoint. */
  public ModelFinding judge(String model) throws IOException {
    List<RegistryEntry> registry = RegistryEntry.read(bootstrap, model);
    if (registry.isEmpty()) {
      faults.add("the registry has no checkpoint of " + model);
      return new ModelFinding(model, "none", 0, 0, input.records().size(), 0, 0, 0);
    }
    Coverage coverage =
        Coverage.of(input, predictions(model), RawTopic.read(bootstrap, model + ".dead-letter"));
    faults.addAll(model + ": records of the input without an answer, at offset", coverage.lost());
    faults.addAll(model + ": records answered more than once, at offset", coverage.repeated());
    faults.addAll(model + ": strange output", coverage.strange());
    checkOrder(model, registry);
    registry.stream()
        .filter(entry -> !entry.rehearsed())
        .forEach(entry -> checkLineage(model, entry.newest()));
    Checkpoint newest = registry.getLast().newest();
    faults.unlessEqual(model + ": next offset at the end", input.end(), newest.nextOffset());
    faults.unlessEqual(model + ": quarantined rows", coverage.quarantined(), newest.quarantined());
    new Blobs(RawTopic.read(bootstrap, "nagare.snapshots")).check(registry, faults);
    return new ModelFinding(
        model,
        newest.stateHash(),
        newest.step(),
        input.count(InputLog.ROW, input.end()),
        coverage.lost().size(),
        coverage.repeated().size(),
        coverage.quarantined(),
        registry.size());
  }

  /** That two models, judged before, hold the same bits and gave the same answers to all rows. */
  public void compare(ModelFinding one, ModelFinding other) throws IOException {
    faults.unlessEqual(
        "state of " + other.model() + " against that of " + one.model(),
        one.stateHash(),
        other.stateHash());
    faults.unlessEqual("step of " + other.model(), one.step(), other.step());
    Answers said = new Answers(input, predictions(one.model()));
    Answers saidByOther = new Answers(input, predictions(other.model()));
    faults.addAll(
        "rows that " + one.model() + " and " + other.model() + " answered differently",
        said.unlike(saidByOther));
  }

  private List<RawRecord> predictions(String model) {
    return predictions.computeIfAbsent(
        model, name -> RawTopic.read(bootstrap, name + ".predictions"));
  }

  private void checkOrder(String model, List<RegistryEntry> registry) {
    RegistryEntry before = null;
    for (RegistryEntry entry : registry) {
      List<Checkpoint> kept = entry.checkpoints();
      if (kept.size() > MOST_CHECKPOINTS) {
        faults.add(
            model + ": registry record " + entry.offset() + " has " + kept.size() + " checkpoints");
      }
      for (int i = 1; i < kept.size(); i++) {
        if (kept.get(i).nextOffset() > kept.get(i - 1).nextOffset()) {
          faults.add(model + ": registry record " + entry.offset() + " is not newest first");
        }
      }
      // After a checkpoint that the drill spoiled the learner goes on from an earlier one.
      if (before != null
          && !before.rehearsed()
          && (entry.newest().step() < before.newest().step()
              || entry.newest().nextOffset() < before.newest().nextOffset())) {
        faults.add(
            model
                + ": the registry went back from "
                + before.newest().name()
                + " to "
                + entry.newest().name());
      }
      before = entry;
    }
  }

  private void checkLineage(String model, Checkpoint checkpoint) {
    String what = model + ", checkpoint " + checkpoint.name() + ": ";
    long next = checkpoint.nextOffset();
    faults.unlessEqual(what + "topic", input.topic(), checkpoint.topic());
    faults.unlessEqual(what + "first offset", 0L, checkpoint.firstOffset());
    faults.unlessEqual(what + "examples", input.count(InputLog.ROW, next), checkpoint.examples());
    faults.unlessEqual(what + "refused", input.count(InputLog.POISON, next), checkpoint.refused());
    faults.unlessEqual(
        what + "digest of the records", digest.before(next), checkpoint.recordsDigest());
  }
}
