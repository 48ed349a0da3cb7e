package dev.nagare.streaming.batch;

import dev.nagare.graph.Dim;
import dev.nagare.models.inference.InferenceModel;
import dev.nagare.models.inference.TensorSpec;
import dev.nagare.models.processing.Processing;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ModelMetadata;
import dev.nagare.streaming.protocol.ModelMetadata.TensorMetadata;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.TensorException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model that was loaded from a file, and answers with one version. Counts who needs it: when it
 * has been {@linkplain #retire retired}, and the last question was answered, it can be freed.
 *
 * <p>Safe for any thread.
 */
public final class LoadedModel implements ServedModel, AutoCloseable {
  private final String name;
  private final long version;
  private final InferenceModel model;
  private final ModelMetadata metadata;
  private final Processing processing;
  private final Sessions sessions;
  // One of whoever published it, one for each question under way, one for each session at work.
  private final AtomicInteger leases = new AtomicInteger(1);
  private volatile Consumer<LoadedModel> unused = ignored -> {};

  /**
   * Takes over a model.
   *
   * @param name of the model
   * @param version that answers
   * @param model what computes; freed by {@link #close}
   * @param processing what stands before and after it
   */
  public LoadedModel(String name, long version, InferenceModel model, Processing processing) {
    this.name = name;
    this.version = version;
    this.model = model;
    this.processing = processing;
    this.sessions = new Sessions(model);
    this.metadata =
        new ModelMetadata(
            name,
            List.of(Long.toString(version)),
            model.platform(),
            model.inputs().stream().map(LoadedModel::metadata).toList(),
            model.outputs().stream().map(LoadedModel::metadata).toList());
  }

  /**
   * Opens what so many lanes need, so that no first caller waits for it.
   *
   * @param before the version that answers now, which callers go over from; null for none
   */
  public void prepare(int lanes, @Nullable LoadedModel before) {
    if (before != null) {
      model.prepareLike(before.model);
    }
    sessions.prepare(lanes);
  }

  /** Whether its batches cost what those of another version do. */
  public boolean costsLike(LoadedModel other) {
    return model.costsLike(other.model);
  }

  /** What computes; for a thread that holds a lease, or on which alone models are freed. */
  public InferenceModel model() {
    return model;
  }

  /** Takes a lease for a question; false if the model has been freed or is about to be. */
  public boolean retain() {
    for (int n = leases.get(); n > 0; n = leases.get()) {
      if (leases.compareAndSet(n, n + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Gives a lease back. */
  public void release() {
    if (leases.decrementAndGet() == 0) {
      unused.accept(this);
    }
  }

  /**
   * Gives back the lease of whoever published it; to be called once.
   *
   * @param then called once, with this model, when nobody needs it any more: by this thread or by a
   *     lane, so it must not block
   */
  public void retire(Consumer<LoadedModel> then) {
    unused = then;
    release();
  }

  /** Frees the model; nobody may need it any more. */
  @Override
  public void close() {
    sessions.close();
    model.close();
  }

  @Override
  public String name() {
    return name;
  }

  /** What else is to be said of it, for people. */
  public Map<String, String> parameters() {
    return model.parameters();
  }

  /** The version that answers. */
  public long version() {
    return version;
  }

  @Override
  public ModelMetadata metadata() {
    return metadata;
  }

  /** What stands before and after the model. */
  public Processing processing() {
    return processing;
  }

  private static TensorMetadata metadata(TensorSpec spec) {
    List<Long> shape = spec.shape().stream().map(LoadedModel::size).toList();
    return new TensorMetadata(spec.name(), spec.dtype().openInferenceName(), shape);
  }

  private static long size(Dim dim) {
    return dim.isKnown() ? dim.value() : -1;
  }

  @Override
  public Question question(InferenceRequest request, @Nullable String id, int most) {
    requireKnown(request);
    List<Tensor> inputs = new ArrayList<>(model.inputs().size());
    for (TensorSpec spec : model.inputs()) {
      inputs.add(input(request, spec));
    }
    InferenceModel.Size size;
    try {
      size = model.size(inputs);
    } catch (TensorException e) {
      throw new ProtocolException(400, String.valueOf(e.getMessage()));
    }
    if (size.rows() > most) {
      throw new ProtocolException(
          413, "inputs: expected at most " + most + " rows, got " + size.rows());
    }
    return new Question(this, inputs, size, id, request);
  }

  @Override
  public long answerBytes(Question question, AnswerForm form) {
    List<String> wanted = question.request().outputs();
    List<TensorSpec> outputs = model.outputs();
    long bytes = 0;
    for (int i = 0; i < outputs.size(); i++) {
      TensorSpec spec = outputs.get(i);
      if (wanted.isEmpty() || wanted.contains(spec.name())) {
        long more = form.bytes(spec.name(), spec.dtype(), model.elements(i, question.inputs()));
        bytes = more > Long.MAX_VALUE - bytes ? Long.MAX_VALUE : bytes + more;
      }
    }
    return bytes;
  }

  private void requireKnown(InferenceRequest request) {
    for (TensorData input : request.inputs()) {
      if (!known(model.inputs(), input.name())) {
        throw unknown("input", input.name(), model.inputs());
      }
    }
    for (String output : request.outputs()) {
      if (!known(model.outputs(), output)) {
        throw unknown("output", output, model.outputs());
      }
    }
  }

  private static boolean known(List<TensorSpec> specs, String name) {
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  private ProtocolException unknown(String what, String got, List<TensorSpec> known) {
    String names = known.stream().map(TensorSpec::name).collect(Collectors.joining(", "));
    return new ProtocolException(
        400, what + " " + got + ": unknown to model " + name + ", expected " + names);
  }

  private static Tensor input(InferenceRequest request, TensorSpec spec) {
    for (TensorData input : request.inputs()) {
      if (input.name().equals(spec.name())) {
        Tensor data = input.data();
        if (!spec.fits(data)) {
          throw new ProtocolException(
              400,
              "input "
                  + spec.name()
                  + ": expected "
                  + spec
                  + ", got "
                  + data.dtype().openInferenceName()
                  + " "
                  + data.shape());
        }
        return data;
      }
    }
    throw new ProtocolException(400, "inputs: " + spec.name() + " is missing, expected " + spec);
  }

  @Override
  public void answer(List<Question> batch, LaneMemory memory) {
    leases.incrementAndGet(); // the questions have theirs only until they are answered
    InferenceModel.Session session = sessions.take();
    try {
      answer(batch, session, memory);
    } finally {
      sessions.giveBack(session);
      release();
    }
  }

  private void answer(List<Question> batch, InferenceModel.Session session, LaneMemory memory) {
    long started = System.nanoTime();
    int rows = 0;
    List<List<Tensor>> inputs = new ArrayList<>();
    for (Question question : batch) {
      memory.told().dequeued(name, started - question.queuedNanos());
      inputs.add(question.inputs());
      rows += question.rows();
    }
    List<List<Tensor>> outputs;
    long began = System.nanoTime();
    try {
      outputs = session.run(inputs);
    } catch (TensorException | ArithmeticException e) {
      // Somebody's elements, such as an id beyond the table: nobody else is to suffer from them.
      if (batch.size() > 1) {
        batch.forEach(question -> answerAlone(question, session, memory));
        return;
      }
      throw new ProtocolException(400, "model " + name + ": " + e.getMessage());
    }
    batch.forEach(Question::release);
    long ended = System.nanoTime();
    memory.told().batch(name, batch.size(), rows, ended - started);
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).computed(started, began, ended, batch.size(), rows);
      batch.get(i).answered(answer(batch.get(i), outputs.get(i)));
    }
  }

  private void answerAlone(Question question, InferenceModel.Session session, LaneMemory memory) {
    try {
      answer(List.of(question), session, memory);
    } catch (RuntimeException e) {
      question.fail(e);
    }
  }

  private InferenceResponse answer(Question question, List<Tensor> outputs) {
    List<String> wanted = question.request().outputs();
    List<InferenceResponse.Output> written = new ArrayList<>();
    for (int i = 0; i < outputs.size(); i++) {
      String output = model.outputs().get(i).name();
      if (wanted.isEmpty() || wanted.contains(output)) {
        written.add(InferenceResponse.Output.of(output, outputs.get(i)));
      }
    }
    return new InferenceResponse(name, Long.toString(version), question.id(), Map.of(), written);
  }
}
