package dev.nagare.streaming;

import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * A model of the repository: it answers while versions of it are loaded, and does not learn. The
 * same for all its versions. What it serves is one reference, so that no caller meets half of a
 * change.
 *
 * <p>Safe for any thread; served by one.
 */
final class LoadedModelService implements ModelService {
  private final String name;
  private final Map<Long, String> failures = new ConcurrentHashMap<>();
  private volatile @Nullable Served served;
  private volatile @Nullable String failure;
  private volatile @Nullable String unreadable;
  private volatile long wanted;

  LoadedModelService(String name, long wanted) {
    this.name = name;
    this.wanted = wanted;
  }

  /** This answers from now on; returns what answered before. */
  @Nullable Served serve(Served next) {
    Served before = served;
    wanted = next.stable().number();
    next.versions().forEach(version -> failures.remove(version.number()));
    failure = null;
    served = next;
    return before;
  }

  /** Nothing answers from now on; returns what did. */
  @Nullable Served takeOut() {
    Served before = served;
    served = null;
    failures.clear();
    failure = "it was unloaded";
    return before;
  }

  /** A version was to be loaded and cannot be; those that are served answer on. */
  void failed(LoadException e) {
    failures.put(e.version(), e.reason());
    failure = e.reason();
  }

  /** The folder cannot be read, for this reason, or can be again: null. Returns if that is new. */
  boolean unreadable(@Nullable String reason) {
    boolean fresh = !Objects.equals(unreadable, reason);
    unreadable = reason;
    return fresh;
  }

  /** What answers; null if nothing does. */
  @Nullable Served served() {
    return served;
  }

  /**
   * What answers.
   *
   * @throws ProtocolException 503 with the reason if nothing does
   */
  Served requireServed() {
    Served now = served;
    if (now == null) {
      String reason = failure;
      throw new ProtocolException(
          503,
          reason == null
              ? "model '" + name + "' is being loaded; try again soon"
              : "model '" + name + "' could not be loaded: " + reason);
    }
    return now;
  }

  /**
   * The canary.
   *
   * @throws ProtocolException 404 if there is none
   */
  Trial trial() {
    Trial trial = requireServed().trial();
    if (trial == null) {
      throw new ProtocolException(
          404,
          "model '"
              + name
              + "' has no canary; POST /v2/repository/models/"
              + name
              + "/canary begins one, with {\"version\": …, \"share\": 0.1}");
    }
    return trial;
  }

  /** Why a version does not answer. */
  String reason(long version) {
    String own = failures.get(version);
    Served now = served;
    String last = failure;
    if (own != null) {
      return own;
    }
    if (now != null) {
      List<String> all = versions();
      return all.size() == 1
          ? "version " + all.getFirst() + " answers"
          : "versions " + String.join(", ", all) + " answer";
    }
    return last == null ? "it waits to be loaded" : last;
  }

  /** The versions that can be asked for, oldest first. */
  List<String> versions() {
    Served now = served;
    return now == null
        ? List.of()
        : now.versions().stream().map(one -> Long.toString(one.number())).toList();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public ModelMetadata metadata() {
    return requireServed().stable().metadata();
  }

  @Override
  public Map<String, String> parameters() {
    return requireServed().stable().parameters();
  }

  @Override
  public boolean remembersAnswers() {
    return requireServed().stable().remembersAnswers();
  }

  @Override
  public ModelService version(String version) {
    for (ServedVersion one : requireServed().versions()) {
      if (Long.toString(one.number()).equals(version)) {
        return one;
      }
    }
    throw notServed(version);
  }

  /** Says that a version is not served. */
  ProtocolException notServed(String version) {
    return new ProtocolException(
        404,
        "model '"
            + name
            + "' does not serve version '"
            + version
            + "'; served: "
            + String.join(", ", versions()));
  }

  @Override
  public ModelStatus status() {
    Served now = served;
    String reason = unreadable;
    return ModelStatus.loaded(
        now == null ? wanted : now.stable().number(),
        now != null,
        reason == null ? failure : reason);
  }

  @Override
  public int waiting() {
    Served now = served;
    return now == null ? 0 : now.versions().stream().mapToInt(ServedVersion::waiting).sum();
  }

  @Override
  public ModelLineage lineage() {
    throw new ProtocolException(
        404, "model '" + name + "' was loaded from a file and does not learn: it has no lineage");
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    Held held;
    try {
      held = held();
    } catch (ProtocolException refusal) {
      request.close();
      return CompletableFuture.failedFuture(refusal);
    }
    return held.answer(request, terms);
  }

  @Override
  public HeldVersion holdVersion() {
    return held();
  }

  private Held held() {
    while (true) {
      Served now = requireServed(); // looked at again if a version was freed meanwhile
      Trial trial = now.trial();
      ServedVersion version = trial == null ? now.stable() : trial.next();
      if (version.model().retain()) {
        return new Held(version, trial);
      }
    }
  }

  @Override
  public CompletionStage<List<LabelReceipt>> label(byte[] labels, Caller caller) {
    Served now = served;
    Trial trial = now == null ? null : now.trial();
    if (trial == null) {
      return CompletableFuture.failedFuture(
          new ProtocolException(
              501,
              "model '"
                  + name
                  + "' was loaded from a file and does not learn; while it has a canary, labels say"
                  + " which version is right"));
    }
    try {
      return CompletableFuture.completedFuture(trial.label(labels, caller));
    } catch (ProtocolException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  @Override
  public Flux<LearningEvent> events() {
    return Flux.never();
  }
}
