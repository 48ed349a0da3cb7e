package dev.nagare.server;

import dev.nagare.streaming.CheckpointRecord;
import dev.nagare.streaming.Journey;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.Lineage;
import dev.nagare.streaming.ModelLineage;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ModelMetadata.TensorMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/** A model without learning: answers 1, 2, 3 for any window, and streams what it is told to. */
public final class FakeModel implements ModelService {
  private final Sinks.Many<LearningEvent> events = Sinks.many().multicast().directBestEffort();
  private final AtomicInteger inferred = new AtomicInteger();
  private volatile ModelStatus status = status(null, 7, 40);
  private volatile int waiting;
  private volatile @Nullable Terms asked;
  private volatile @Nullable ProtocolException refusal;
  private volatile @Nullable CompletableFuture<Void> gate;

  @Override
  public String name() {
    return "pulse";
  }

  @Override
  public ModelMetadata metadata() {
    return new ModelMetadata(
        "pulse",
        List.of("7"),
        "nagare_lstm",
        List.of(new TensorMetadata("window", "FP32", List.of(-1L, 32L, 3L))),
        List.of(new TensorMetadata("forecast", "FP32", List.of(-1L, 3L))));
  }

  @Override
  public ModelStatus status() {
    return status;
  }

  @Override
  public int waiting() {
    return waiting;
  }

  @Override
  public ModelLineage lineage() {
    Lineage now = Objects.requireNonNull(status.lineage());
    var then = new Lineage(now.topic(), now.partition(), 3, 38, 35, 2, 1);
    return new ModelLineage(
        "pulse",
        status.version(),
        now,
        List.of(
            new CheckpointRecord(
                "pulse-5-17-3",
                5,
                "ab12",
                1234,
                1,
                55,
                then,
                "cd34",
                "ef56",
                "0a0b",
                "test kernels",
                "2026-11-25T10:00:00Z")));
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    request.close();
    asked = terms;
    inferred.incrementAndGet();
    ProtocolException refused = refusal;
    if (refused != null) {
      return CompletableFuture.failedFuture(refused);
    }
    var lineage = new LinkedHashMap<String, Object>();
    lineage.put("lineage_topic", "pulse.requests");
    lineage.put("lineage_partition", 0);
    lineage.put("lineage_offset", 40L);
    var output = InferenceResponse.Output.of("forecast", List.of(1L, 3L), new float[] {1, 2, 3});
    var response = new InferenceResponse("pulse", "7", request.id(), lineage, List.of(output));
    Journey journey = terms.journey();
    if (journey != null) {
      long now = System.nanoTime();
      journey.computed(new Journey.Stations(now, now, now, now, 1, 1));
    }
    CompletableFuture<Void> wait = gate;
    return (wait == null ? CompletableFuture.<Void>completedFuture(null) : wait)
        .thenApply(ignored -> response);
  }

  @Override
  public Flux<LearningEvent> events() {
    return events.asFlux().onBackpressureDrop();
  }

  private static ModelStatus status(@Nullable String degraded, long version, long nextOffset) {
    return new ModelStatus(
        true,
        degraded,
        true,
        version,
        new Lineage("pulse.requests", 0, 3, nextOffset, nextOffset - 3, 2, 1),
        version,
        2,
        Map.of("loss-spike", 1L),
        0,
        5,
        null);
  }

  /** The terms of the last request; null before the first. */
  public @Nullable Terms asked() {
    return asked;
  }

  /** How many requests came through. */
  public int inferred() {
    return inferred.get();
  }

  /** Says something else from now on. */
  public void status(ModelStatus next) {
    status = next;
  }

  /** So many requests wait from now on. */
  public void waiting(int requests) {
    waiting = requests;
  }

  /** Has learned so many records. */
  public void learned(long steps) {
    status = status(null, steps, steps + 33);
  }

  /** The status, but degraded. */
  public void degraded(@Nullable String reason) {
    status = status(reason, 7, 40);
  }

  /** Refuses every request from now on. */
  public void refuse(int httpStatus, String message) {
    refusal = new ProtocolException(httpStatus, message);
  }

  /** Refuses every request from now on, as the queue does. */
  public void busy(String message, long retryAfterMillis) {
    refusal = ProtocolException.busy(message, retryAfterMillis);
  }

  /** Answers only when this is completed. */
  public CompletableFuture<Void> hold() {
    var wait = new CompletableFuture<Void>();
    gate = wait;
    return wait;
  }

  /** Streams an event. */
  public void emit(LearningEvent event) {
    events.emitNext(event, Sinks.EmitFailureHandler.FAIL_FAST);
  }

  /** An event of three features. */
  public static LearningEvent event(long version) {
    return new LearningEvent(
        version,
        version,
        0,
        version + 33,
        1_700_000_000_000L + 100 * version,
        List.of("cpu0", "load1", "net_rx"),
        List.of(0.5f, 1.5f, 1000f),
        List.of(0.4f, 1.25f, Float.NaN),
        List.of(0.6f, 1.75f, 900f),
        0.125f,
        0.003f,
        0.5f,
        "mae",
        Map.of("model", 0.5, "repeat-last", 0.75, "ema-0.1", 1.0, "ema-0.3", 0.625, "ema-0.5", 0.7),
        Map.of("model", 0.25, "repeat-last", 0.5));
  }
}
