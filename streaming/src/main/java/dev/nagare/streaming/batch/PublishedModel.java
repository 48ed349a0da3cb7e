package dev.nagare.streaming.batch;

import dev.nagare.models.inference.InferenceModel.Size;
import dev.nagare.models.online.ModelSnapshot;
import dev.nagare.models.online.Signature;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ModelMetadata.TensorMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model that is served while it learns: what it takes, what it gives, what answers now.
 *
 * @param name of the model
 * @param signature of its windows and answers
 * @param publication what answers now
 */
public record PublishedModel(String name, Signature signature, Publication publication)
    implements ServedModel {
  private static final String FP32 = "FP32";

  /** A window is like any other. */
  private static final Object KIND = PublishedModel.class;

  @Override
  public ModelMetadata metadata() {
    List<Long> output = new ArrayList<>();
    output.add(-1L);
    signature.outputShape().forEach(size -> output.add((long) size));
    return new ModelMetadata(
        name,
        List.of(Long.toString(publication.peek().snapshot().version())),
        "nagare_online_lstm",
        List.of(
            new TensorMetadata(
                Answers.WINDOW,
                FP32,
                List.of(-1L, (long) signature.windowRows(), (long) signature.values()))),
        List.of(new TensorMetadata(signature.outputName(), FP32, List.copyOf(output))));
  }

  @Override
  public Object edition() {
    return publication.peek();
  }

  @Override
  public Question question(InferenceRequest request, @Nullable String id, int most) {
    Tensor windows = windowsOf(request, most);
    int rows = Math.toIntExact(windows.dim(0));
    return new Question(this, List.of(windows), new Size(rows, rows, KIND), id, request);
  }

  @Override
  public long answerBytes(Question question, AnswerForm form) {
    long elements = (long) question.rows() * signature.outputElements();
    return form.bytes(signature.outputName(), DType.F32, elements);
  }

  /** A batch never mixes versions: the snapshot is leased once, for all of it. */
  @Override
  public void answer(List<Question> batch, LaneMemory memory) {
    long started = System.nanoTime();
    Tensor windows = gathered(batch, memory, started);
    long asked = System.nanoTime();
    Publication.Published published = publication.lease();
    long began = System.nanoTime();
    long pause = began - asked;
    Tensor answers;
    long ended;
    try {
      answers = run(published.snapshot(), windows, memory);
    } finally {
      ended = System.nanoTime();
      published.snapshot().release();
      pause += System.nanoTime() - ended;
    }
    if (memory.meets(published.snapshot())) {
      memory.told().metVersion(name, pause);
    }
    int allRows = Math.toIntExact(windows.dim(0));
    memory.told().batch(name, batch.size(), allRows, System.nanoTime() - started);
    long row = 0;
    for (Question question : batch) {
      Tensor rows = answers.narrow(row, question.rows());
      question.computed(started, began, ended, batch.size(), allRows);
      question.answered(Answers.of(question, published, rows));
      row += question.rows();
    }
  }

  /** The windows of all questions; the requests are given back. */
  private Tensor gathered(List<Question> batch, LaneMemory memory, long now) {
    int rows = batch.stream().mapToInt(Question::rows).sum();
    Tensor windows =
        memory.rows().empty(DType.F32, Shape.of(rows, signature.windowRows(), signature.values()));
    long row = 0;
    for (Question question : batch) {
      memory.told().dequeued(name, now - question.queuedNanos());
      windows.narrow(row, question.rows()).copyFrom(question.inputs().getFirst());
      row += question.rows();
      question.release();
    }
    return windows;
  }

  /** In parts of at most a batch, which matters for one large question only. */
  private static Tensor run(ModelSnapshot snapshot, Tensor windows, LaneMemory memory) {
    long count = windows.dim(0);
    int values = snapshot.signature().outputElements();
    Tensor out = memory.rows().empty(DType.F32, Shape.of(count, values));
    for (long row = 0; row < count; row += memory.maxBatchRows()) {
      long part = Math.min(memory.maxBatchRows(), count - row);
      snapshot.answer(windows.narrow(row, part), out.narrow(row, part), memory.scratch());
      memory.scratch().reset();
    }
    return out;
  }

  /**
   * The windows of a question, F32 {@code [rows, window, inputs]}, all of them finite.
   *
   * @param most rows in one question
   * @throws ProtocolException status 400 that says what was expected and got; 413 if it is too many
   */
  private Tensor windowsOf(InferenceRequest request, int most) {
    Tensor windows = only(request, Answers.WINDOW);
    Shape shape = windows.shape();
    if (windows.dtype() != DType.F32
        || shape.rank() != 3
        || shape.dim(0) < 1
        || shape.dim(1) != signature.windowRows()
        || shape.dim(2) != signature.values()) {
      throw new ProtocolException(
          400,
          "input window: expected FP32 [rows from 1 up, "
              + signature.windowRows()
              + ", "
              + signature.values()
              + "], got "
              + windows.dtype().openInferenceName()
              + " "
              + shape);
    }
    if (shape.dim(0) > most) {
      throw new ProtocolException(
          413, "input window: expected at most " + most + " rows at once, got " + shape.dim(0));
    }
    for (long i = 0; i < windows.elements(); i++) {
      if (!Double.isFinite(windows.get(i))) { // as bytes may be, which JSON has no word for
        throw new ProtocolException(
            400, "input window: expected finite numbers, got " + windows.get(i) + " at " + i);
      }
    }
    for (String output : request.outputs()) {
      if (!output.equals(signature.outputName())) {
        throw new ProtocolException(
            400, "output " + output + ": unknown, expected " + signature.outputName());
      }
    }
    return windows;
  }

  private Tensor only(InferenceRequest request, String name) {
    Tensor found = null;
    for (TensorData input : request.inputs()) {
      if (!input.name().equals(name)) {
        throw new ProtocolException(
            400,
            "input " + input.name() + ": unknown to model " + this.name + ", expected " + name);
      }
      found = input.data();
    }
    if (found == null) {
      throw new ProtocolException(400, "inputs: expected " + name + ", got none");
    }
    return found;
  }
}
