package dev.nagare.server;

import dev.nagare.graph.Dim;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.Processing;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelLineage;
import dev.nagare.streaming.ModelService;
import dev.nagare.streaming.ModelStatus;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.batch.Batcher;
import dev.nagare.streaming.batch.LoadedModel;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Scope;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import reactor.core.publisher.Flux;

/** Answers a row of one number with {@link #ROW_BYTES} of zeros, by the way of every model. */
public final class LargeModel implements ModelService, AutoCloseable {
  /** What a row is answered with. */
  public static final int ROW_BYTES = 1 << 20;

  /** Of an answer of which the sockets of both sides and HTTP/2's windows hold but a part. */
  public static final int ROWS = 8;

  /** A budget for eight such answers. */
  public static final long MEMORY = 8L * ROWS * ROW_BYTES;

  /** The count of answers that were refused since their connection had its share. */
  public static final String OVER_SHARE =
      "nagare_refused_bodies_total{door=\"answer\",reason=\"share\"}";

  private static final int WIDTH = ROW_BYTES / Float.BYTES;

  private final LoadedModel model = new LoadedModel("large", 1, new Zeros(), Processing.NONE);
  private final Batcher batcher =
      new Batcher(new Batcher.Limits(1, 8, 100, 1L << 50), Thread::new, new StreamingObserver() {});
  private final Questions questions =
      new Questions(model, batcher, new StreamingObserver() {}, 1L << 50);

  /** A request in JSON for so many rows. */
  public static String question(int rows, boolean bytes) {
    return "{\"parameters\":{\"binary_data_output\":"
        + bytes
        + "},\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":["
        + rows
        + ",1],\"data\":["
        + "0,".repeat(rows - 1)
        + "0]}]}";
  }

  @Override
  public String name() {
    return "large";
  }

  @Override
  public ModelMetadata metadata() {
    return model.metadata();
  }

  @Override
  public ModelStatus status() {
    return new ModelStatus(true, null, false, 1, null, 0, 0, Map.of(), 0, -1, null);
  }

  @Override
  public ModelLineage lineage() {
    throw new ProtocolException(404, "does not learn");
  }

  @Override
  public CompletionStage<InferenceResponse> infer(InferenceRequest request, Terms terms) {
    try {
      return questions.ask(request, request.id(), terms);
    } catch (ProtocolException refusal) {
      request.close();
      return CompletableFuture.failedFuture(refusal);
    }
  }

  @Override
  public Flux<LearningEvent> events() {
    return Flux.never();
  }

  @Override
  public void close() {
    batcher.close();
    model.close();
  }

  private static final class Zeros implements InferenceModel {
    private static final Dim ROWS = Dim.named("rows");

    @Override
    public String platform() {
      return "test";
    }

    @Override
    public List<TensorSpec> inputs() {
      return List.of(new TensorSpec("x", DType.F32, List.of(ROWS, Dim.ONE)));
    }

    @Override
    public List<TensorSpec> outputs() {
      return List.of(new TensorSpec("zeros", DType.F32, List.of(ROWS, Dim.of(WIDTH))));
    }

    @Override
    public Size size(List<Tensor> inputs) {
      int rows = (int) inputs.getFirst().dim(0);
      return new Size(rows, rows, "x");
    }

    @Override
    public Session open() {
      var memory = new Scope(1 << 16);
      return new Session() {
        @Override
        public List<List<Tensor>> run(List<List<Tensor>> asked) {
          memory.reset();
          return asked.stream()
              .map(one -> Shape.of(one.getFirst().dim(0), WIDTH))
              .map(shape -> List.of(memory.zeros(DType.F32, shape)))
              .toList();
        }

        @Override
        public void close() {
          memory.close();
        }
      };
    }

    @Override
    public void close() {}
  }
}
