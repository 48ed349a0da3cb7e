package dev.nagare.streaming.batch;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nagare.graph.Dim;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.Processing;
import dev.nagare.streaming.AnswerShare;
import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.MemoryPool;
import dev.nagare.tensor.ProcessMemory;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoadedModelTest {
  /** With a target that limits no batch, however slow the machine. */
  private static final Batcher.Limits LIMITS = new Batcher.Limits(1, 8, 100, 1L << 50);

  private final MemoryPool pool = new MemoryPool("requests", 1 << 20);
  private final ProtocolJson json = new ProtocolJson(pool);
  private final Doubling doubling = new Doubling();
  private final LoadedModel model = new LoadedModel("twice", 3, doubling, Processing.NONE);
  private @Nullable Questions questions;

  @AfterEach
  void everyRequestAndSessionIsGivenBack() {
    assertThat(pool.usedBytes()).isZero();
    model.close();
    assertThat(doubling.sessions).hasValue(0);
  }

  @Test
  void describesInputsAndOutputsWithMinusOneForNamedSizes() {
    assertThat(model.metadata().inputs())
        .hasToString("[TensorMetadata[name=ids, datatype=INT64, shape=[-1, 2]]]");
    assertThat(model.metadata().versions()).containsExactly("3");
  }

  @Test
  void answersTogetherWhatWaitsAndJoins() throws Exception {
    var gate = new CountDownLatch(1);
    doubling.gate = gate;
    List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
    try (var batcher = new Batcher(LIMITS, Thread::new, new StreamingObserver() {})) {
      for (String data : List.of("[[1, 2]]", "[[3, 4]]", "[[5, 6], [7, 8]]")) {
        answers.add(ask(batcher, data));
        doubling.entered.await();
      }
      gate.countDown();
    }
    InferenceResponse.Output last = answers.get(2).join().outputs().getFirst();
    assertThat(IntStream.range(0, last.elements()).mapToLong(last::whole))
        .containsExactly(10L, 12L, 14L, 16L);
    assertThat(new String(json.encode(answers.get(0).join()), UTF_8))
        .contains(
            "{\"name\":\"twice\",\"shape\":[1,2],\"datatype\":\"INT64\",\"data\":[2,4]}",
            "\"model_version\":\"3\"");
    assertThat(doubling.runs).containsExactly(1, 2); // one before the gate, then all that joins
  }

  @Test
  void aQuestionThatFailsTakesNoOtherWithIt() throws Exception {
    var gate = new CountDownLatch(1);
    doubling.gate = gate;
    List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
    try (var batcher = new Batcher(LIMITS, Thread::new, new StreamingObserver() {})) {
      for (String data : List.of("[[1, 2]]", "[[3, 4]]", "[[-1, 6]]")) {
        answers.add(ask(batcher, data));
        doubling.entered.await();
      }
      gate.countDown();
    }
    assertThat(answers.get(1).join().outputs()).hasSize(1);
    assertThatThrownBy(() -> answers.get(2).join())
        .hasCauseInstanceOf(ProtocolException.class)
        .hasMessageContaining("model twice: negative");
    assertThat(doubling.runs).containsExactly(1, 2, 1, 1);
  }

  @Test
  void refusesWhatTheModelDoesNotTake() {
    refuses("{'name':'x','datatype':'INT64','shape':[1,2],'data':[1,2]}", "input x: unknown");
    refuses(
        "{'name':'ids','datatype':'FP32','shape':[1,2],'data':[1,2]}",
        "input ids: expected INT64 [batch, 2], got FP32 [1, 2]");
    refuses(
        "{'name':'ids','datatype':'INT64','shape':[1,3],'data':[1,2,3]}",
        "input ids: expected INT64 [batch, 2], got INT64 [1, 3]");
    refuses("{'name':'ids','datatype':'INT64','shape':[0,2],'data':[]}", "at least one row");
  }

  @Test
  void anAnswerTakesItsRoomBeforeItIsComputed() {
    List<String> refused = new ArrayList<>();
    var observer =
        new StreamingObserver() {
          @Override
          public void refused(String name, String reason) {
            refused.add(name + " " + reason);
          }
        };
    var budget = new ByteBudget(100, who -> {});
    var share = new AnswerShare(budget, 100, () -> {});
    var held = Terms.of(Terms.Priority.INTERACTIVE).answer(AnswerForm.BINARY, share);
    try (var batcher = new Batcher(LIMITS, Thread::new, observer)) {
      var to = new Questions(model, batcher, observer);
      to.ask(request("[[1, 2], [3, 4]]"), null, held).join();
      assertThat(budget.taken()).isEqualTo(4 * Long.BYTES); // the door has not sent it yet
      Terms json = Terms.of(Terms.Priority.INTERACTIVE).answer(AnswerForm.JSON, share);
      assertRefused(to, "[[1, 2], [3, 4]]", json, 429); // 21 bytes for each number
      assertRefused(to, "[[1, 2], [3, 4], [5, 6]]", json, 413);
    }
    assertThat(refused).containsExactly("twice bytes", "twice invalid");
    held.sent();
    assertThat(budget.taken()).isZero();
    assertThat(doubling.runs).containsExactly(1);
  }

  private void assertRefused(Questions to, String data, Terms terms, int status) {
    try (InferenceRequest request = request(data)) {
      assertThatThrownBy(() -> to.ask(request, null, terms))
          .isInstanceOfSatisfying(
              ProtocolException.class, e -> assertThat(e.status()).isEqualTo(status));
    }
  }

  private void refuses(String input, String message) {
    String text = ("{'inputs': [" + input + "]}").replace('\'', '"');
    try (InferenceRequest request = json.decode(text.getBytes(UTF_8))) {
      assertThatThrownBy(() -> model.question(request, null, 100))
          .isInstanceOf(ProtocolException.class)
          .hasMessageContaining(message);
    }
  }

  private CompletableFuture<InferenceResponse> ask(Batcher batcher, String data) {
    if (questions == null) {
      questions = new Questions(model, batcher, new StreamingObserver() {});
    }
    return questions.ask(request(data), null, Terms.of(Terms.Priority.INTERACTIVE));
  }

  private InferenceRequest request(String data) {
    long rows = data.chars().filter(c -> c == '[').count() - 1;
    String text =
        "{\"inputs\": [{\"name\": \"ids\", \"datatype\": \"INT64\", \"shape\": [%d, 2], \"data\": %s}]}"
            .formatted(rows, data);
    return json.decode(text.getBytes(UTF_8));
  }

  /** Answers twice of what it is asked. */
  private static final class Doubling implements InferenceModel {
    private final List<TensorSpec> inputs =
        List.of(new TensorSpec("ids", DType.I64, List.of(Dim.named("batch"), Dim.of(2))));
    private final AtomicInteger sessions = new AtomicInteger();
    private final CountDownLatch entered = new CountDownLatch(1);
    private final List<Integer> runs = new ArrayList<>();
    private CountDownLatch gate = new CountDownLatch(0);

    @Override
    public String platform() {
      return "test";
    }

    @Override
    public List<TensorSpec> inputs() {
      return inputs;
    }

    @Override
    public List<TensorSpec> outputs() {
      return List.of(new TensorSpec("twice", DType.I64, inputs.getFirst().shape()));
    }

    @Override
    public Size size(List<Tensor> tensors) {
      int rows = (int) tensors.getFirst().dim(0);
      if (rows == 0) {
        throw TensorException.mismatch("expected at least one row");
      }
      return new Size(rows, rows, "ids");
    }

    @Override
    public Session open() {
      sessions.incrementAndGet();
      return new Twice();
    }

    @Override
    public void close() {}

    private final class Twice implements Session {
      private final ProcessMemory memory = new ProcessMemory("twice");

      @Override
      public List<List<Tensor>> run(List<List<Tensor>> questions) {
        runs.add(questions.size());
        entered.countDown();
        try {
          gate.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        List<List<Tensor>> outputs = new ArrayList<>();
        for (List<Tensor> question : questions) {
          Tensor ids = question.getFirst();
          Tensor out = memory.empty(DType.I64, Shape.of(ids.dim(0), 2));
          for (int i = 0; i < ids.elements(); i++) {
            if (ids.getLong(i) < 0) {
              throw TensorException.mismatch("negative");
            }
            out.setLong(i, 2 * ids.getLong(i));
          }
          outputs.add(List.of(out));
        }
        return outputs;
      }

      @Override
      public void close() {
        memory.close();
        sessions.decrementAndGet();
      }
    }
  }
}
