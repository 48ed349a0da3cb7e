package dev.nagare.server.processing;

import dev.nagare.models.processing.Embedding;
import dev.nagare.models.processing.Processing;
import dev.nagare.models.processing.TextInput;
import dev.nagare.models.text.BertNormalizer;
import dev.nagare.models.text.BertTokenizer;
import dev.nagare.models.text.Pooling;
import dev.nagare.models.text.WordPiece;
import dev.nagare.streaming.HeldVersion;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelLineage;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Flux;

/** A model that answers the ids of a text as its vector, when it is let. */
final class WordModel implements ModelService, HeldVersion {
  private static final BertTokenizer TOKENIZER =
      new BertTokenizer(
          BertNormalizer.UNCASED,
          new WordPiece(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "a")),
          8);

  private final AtomicInteger held = new AtomicInteger();
  private final CountDownLatch asked = new CountDownLatch(1);
  private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

  /** Answers from now on when this completes, and as it completes. */
  void gate(CompletableFuture<Void> next) {
    gate = next;
  }

  void awaitAsked() throws InterruptedException {
    asked.await();
  }

  int held() {
    return held.get();
  }

  @Override
  public String name() {
    return "words";
  }

  @Override
  public HeldVersion holdVersion() {
    held.incrementAndGet();
    return this;
  }

  @Override
  public void release() {
    held.decrementAndGet();
  }

  @Override
  public Processing processing() {
    return new Processing(
        null,
        new TextInput(TOKENIZER, List.of(TextInput.IDS), DType.I64),
        null,
        new Embedding("vectors", Pooling.NONE, false));
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    Tensor ids = request.inputs().getFirst().data();
    float[] values = new float[(int) ids.elements()];
    for (int i = 0; i < values.length; i++) {
      values[i] = ids.getLong(i);
    }
    request.close();
    var output = InferenceResponse.Output.of("vectors", List.of(1L, (long) values.length), values);
    var answer = new InferenceResponse("words", "3", null, Map.of(), List.of(output));
    CompletableFuture<InferenceResponse> later = gate.thenApply(ignored -> answer);
    asked.countDown();
    return later;
  }

  @Override
  public ModelMetadata metadata() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ModelStatus status() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ModelLineage lineage() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Flux<LearningEvent> events() {
    return Flux.never();
  }
}
