package dev.nagare.streaming;

import dev.nagare.models.repository.CanaryShare;
import dev.nagare.streaming.join.LabelRecord;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A version that is tried, as a canary or as a shadow: who gets the next request, and how both
 * versions do. Of classifiers it remembers what they predicted, so that labels can say who was
 * right.
 *
 * <p>Safe for any thread.
 */
final class Trial {
  private static final String PREDICTION_ID = "prediction_id";

  private final ServedVersion stable;
  private final ServedVersion canary;
  private final CanaryShare share;
  private final StreamingObserver told;
  private final Instant since = Instant.now();
  private final AtomicLong turns = new AtomicLong();
  private final Count ofStable = new Count();
  private final Count ofCanary = new Count();
  private final Predicted predicted;

  /** Of a shadow; null of a canary. */
  private final @Nullable Shadowing shadowing;

  private static final class Count {
    final LongAdder answered = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder nanos = new LongAdder();
    final LongAdder labels = new LongAdder();
    final LongAdder right = new LongAdder();

    CanaryReport.Side side(ServedVersion version) {
      long answers = answered.sum();
      return new CanaryReport.Side(
          Long.toString(version.number()),
          answers + failed.sum(),
          failed.sum(),
          answers == 0 ? 0 : nanos.sum() * 1e-9 / answers,
          labels.sum(),
          right.sum());
    }
  }

  Trial(ServedVersion stable, ServedVersion canary, CanaryShare share, StreamingObserver told) {
    this.stable = stable;
    this.canary = canary;
    this.share = share;
    this.told = told;
    this.predicted = new Predicted(canary.name());
    this.shadowing =
        share.shadow()
            ? new Shadowing(canary, share, told, this::shadowAnswered, Shadowing.MOST_BYTES)
            : null;
  }

  /** The version that is tried. */
  ServedVersion canary() {
    return canary;
  }

  /** Whether the canary is compared with this version. */
  boolean isAgainst(ServedVersion other) {
    return stable.equals(other);
  }

  /** Whether it is about these versions and this share. */
  boolean isOf(ServedVersion other, ServedVersion tried, CanaryShare part) {
    return isAgainst(other) && canary.equals(tried) && share.equals(part);
  }

  /** The version that gets the next request. */
  ServedVersion next() {
    return shadowing == null && share.takes(turns.getAndIncrement()) ? canary : stable;
  }

  /**
   * Lets a version answer, which its caller has retained for it; counts the answer, and gives it an
   * id by which it can be labelled.
   */
  CompletableFuture<InferenceResponse> answer(
      ServedVersion by, InferenceRequest request, Terms terms) {
    Shadowing also = shadowing;
    InferenceRequest copy = also == null ? null : also.copy(request);
    CompletableFuture<InferenceResponse> answer = null;
    try {
      answer = watched(by, request, terms);
      return answer;
    } finally {
      if (also != null && copy != null) {
        if (answer == null) {
          also.giveBack(copy);
        } else {
          also.follow(copy, answer);
        }
      }
    }
  }

  private CompletableFuture<InferenceResponse> watched(
      ServedVersion by, InferenceRequest request, Terms terms) {
    long began = System.nanoTime();
    String owner = terms.principal();
    return by.answer(request, terms)
        .whenComplete(
            (response, thrown) -> {
              if (thrown == null || !hasLeft(thrown)) {
                count(slot(by), thrown == null, System.nanoTime() - began);
              }
            })
        .thenApply(response -> identified(by, response, owner));
  }

  private Slot slot(ServedVersion by) {
    return by.equals(canary) ? share.shadow() ? Slot.SHADOW : Slot.CANARY : Slot.STABLE;
  }

  private Count counts(Slot of) {
    return of == Slot.STABLE ? ofStable : ofCanary;
  }

  private void count(Slot by, boolean answered, long nanos) {
    told.tried(canary.name(), by, answered, nanos);
    Count count = counts(by);
    if (answered) {
      count.answered.increment();
      count.nanos.add(nanos);
    } else {
      count.failed.increment();
    }
  }

  private void shadowAnswered(
      InferenceResponse callers, @Nullable InferenceResponse own, long nanos) {
    count(Slot.SHADOW, own != null, nanos);
    if (own != null && callers.parameters().get(PREDICTION_ID) instanceof String id) {
      predicted.add(id, own);
    }
  }

  private static boolean hasLeft(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException e ? e.getCause() : thrown;
    return cause instanceof ProtocolException refusal && refusal.status() == 499;
  }

  private InferenceResponse identified(ServedVersion by, InferenceResponse answer, String owner) {
    String id = predicted.add(answer, by.equals(canary), owner);
    if (id == null) {
      return answer;
    }
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put(PREDICTION_ID, id);
    parameters.putAll(answer.parameters());
    return new InferenceResponse(
        answer.modelName(), answer.modelVersion(), answer.id(), parameters, answer.outputs());
  }

  /**
   * Scores predictions by their labels; a label that comes again does nothing.
   *
   * @param body as {@link ModelService#label} takes it
   * @param caller who gives them
   * @return receipts that name the version that was scored, or say {@code unmatched}
   * @throws ProtocolException 400, 413 if any of them cannot be a label, 403 if it is of another's
   *     prediction; then none was taken
   */
  List<LabelReceipt> label(byte[] body, Caller caller) {
    List<LabelRecord> labels = LabelRecord.readAll(body, Predicted.MOST_CLASSES, id -> null);
    return predicted.take(labels, caller).stream().map(this::scored).toList();
  }

  private LabelReceipt scored(Predicted.Labelled labelled) {
    String id = labelled.label().id();
    Predicted.Given given = labelled.given();
    if (given == null) {
      told.labelled(canary.name(), Fate.UNMATCHED, 1);
      return new LabelReceipt(id, "unmatched");
    }
    told.labelled(canary.name(), Fate.JOINED, 1);
    ServedVersion by = given.byCanary() ? canary : stable;
    int[] truth = labelled.label().labels();
    score(slot(by), given.classes(), truth);
    int[] shadows = given.shadows();
    if (shadows != null) {
      score(Slot.SHADOW, shadows, truth);
    }
    return new LabelReceipt(id, "version-" + by.number());
  }

  private void score(Slot by, int[] classes, int[] truth) {
    Count count = counts(by);
    for (int row = 0; row < truth.length; row++) {
      boolean right = truth[row] == classes[row];
      count.labels.increment();
      if (right) {
        count.right.increment();
      }
      told.scored(canary.name(), by, right);
    }
  }

  /** How both do. */
  CanaryReport report() {
    return new CanaryReport(
        canary.name(),
        share.share(),
        since,
        ofStable.side(stable),
        ofCanary.side(canary),
        shadowing == null ? null : shadowing.comparison());
  }
}
