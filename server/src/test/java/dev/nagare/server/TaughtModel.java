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
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** A model that notes what it is taught, and answers as one with a log does. */
public final class TaughtModel implements ModelService {
  private final FakeModel other = new FakeModel();
  private volatile String said = "";
  private volatile @Nullable Caller caller;
  private volatile @Nullable ProtocolException refusal;
  private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

  @Override
  public String name() {
    return "up";
  }

  @Override
  public ModelMetadata metadata() {
    return other.metadata();
  }

  @Override
  public ModelStatus status() {
    return other.status();
  }

  @Override
  public ModelLineage lineage() {
    return other.lineage();
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    return other.infer(request, terms);
  }

  @Override
  public CompletionStage<InferenceResponse> learn(byte[] event) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("receipt", "up.requests-0-3");
    parameters.put("version", "2");
    parameters.put("learned", true);
    var output =
        InferenceResponse.Output.of("probabilities", List.of(1L, 2L), new float[] {0.25f, 0.75f});
    return answer(event, new InferenceResponse("up", "1", "e-3", parameters, List.of(output)));
  }

  @Override
  public CompletionStage<InferenceResponse> rollBack(byte[] body) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("receipt", "up.requests-0-4");
    parameters.put("version", "8");
    parameters.put("rolled_back_to", "5");
    return answer(body, new InferenceResponse("up", "7", null, parameters, List.of()));
  }

  @Override
  public CompletionStage<List<LabelReceipt>> label(byte[] labels, Caller by) {
    caller = by;
    return answer(
        labels,
        List.of(
            new LabelReceipt("up.predictions-0-0", "up.labels-0-0"),
            new LabelReceipt("up.predictions-0-1", "up.labels-0-1")));
  }

  private <R> CompletionStage<R> answer(byte[] body, R answer) {
    said = new String(body, StandardCharsets.UTF_8);
    ProtocolException refused = refusal;
    return refused != null
        ? CompletableFuture.failedFuture(refused)
        : gate.thenApply(ignored -> answer);
  }

  @Override
  public Flux<LearningEvent> events() {
    return Flux.never();
  }

  /** The last body; empty before the first. */
  public String said() {
    return said;
  }

  /** Who gave the last labels; null before that. */
  public @Nullable Caller caller() {
    return caller;
  }

  /** Refuses everything from now on. */
  public void refuse(int status, String message) {
    refusal = new ProtocolException(status, message);
  }

  /** Answers only when this is completed. */
  public CompletableFuture<Void> hold() {
    gate = new CompletableFuture<>();
    return gate;
  }
}
