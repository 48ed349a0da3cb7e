package dev.nagare.server;

import dev.nagare.streaming.Caller;
import dev.nagare.streaming.LabelReceipt;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelLineage;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.InferenceResponse.Output;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ModelMetadata.TensorMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * Answers with what it is asked; an output {@code many} is 100,000 zeros. Keeps the first thousand
 * things that it is taught.
 */
public final class EchoModel implements ModelService {
  private final AtomicInteger inferred = new AtomicInteger();
  private final List<String> taught = Collections.synchronizedList(new ArrayList<>());

  private volatile @Nullable Caller labelling;

  /** Who gave the last labels. */
  public @Nullable Caller labelling() {
    return labelling;
  }

  /** How many requests came through. */
  public int inferred() {
    return inferred.get();
  }

  /** The bodies of learn and label calls. */
  public List<String> taught() {
    return taught;
  }

  @Override
  public String name() {
    return "echo";
  }

  @Override
  public ModelMetadata metadata() {
    return new ModelMetadata(
        "echo",
        List.of("3"),
        "test",
        List.of(new TensorMetadata("x", "FP32", List.of(-1L, -1L, 2L))),
        List.of(new TensorMetadata("x", "FP32", List.of(-1L, -1L, 2L))));
  }

  @Override
  public ModelStatus status() {
    return new ModelStatus(true, null, false, 3, null, 0, 0, Map.of(), 0, -1, null);
  }

  @Override
  public ModelLineage lineage() {
    throw new ProtocolException(404, "does not learn");
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    inferred.incrementAndGet();
    try (request) {
      List<Output> outputs = new ArrayList<>();
      request.inputs().forEach(input -> outputs.add(Output.of(input.name(), input.data())));
      if (request.outputs().contains("many")) {
        outputs.add(Output.of("many", List.of(100_000L), new float[100_000]));
      }
      return CompletableFuture.completedFuture(
          new InferenceResponse("echo", "3", request.id(), Map.of(), outputs));
    }
  }

  @Override
  public CompletionStage<InferenceResponse> learn(byte[] event) {
    keep(event);
    return CompletableFuture.completedFuture(
        new InferenceResponse(
            "echo", "3", "e", Map.of("receipt", "echo.requests-0-" + taught.size()), List.of()));
  }

  @Override
  public CompletionStage<List<LabelReceipt>> label(byte[] labels, Caller caller) {
    labelling = caller;
    keep(labels);
    return CompletableFuture.completedFuture(
        List.of(new LabelReceipt("echo.predictions-0-7", "echo.labels-0-0")));
  }

  @Override
  public Flux<LearningEvent> events() {
    return Flux.never();
  }

  private void keep(byte[] lesson) {
    if (taught.size() < 1000) { // fuzzing teaches a million
      taught.add(new String(lesson, StandardCharsets.UTF_8));
    }
  }
}
