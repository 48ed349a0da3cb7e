package dev.nagare.streaming.join;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.nagare.streaming.ByteBudget;
import dev.nagare.streaming.StreamingConfig.LearnedModel;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.batch.Answers;
import dev.nagare.streaming.batch.Questions;
import dev.nagare.streaming.kafka.LogAppender;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.DType;
import dev.nagare.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Records what a door answers, before it is answered: features, output, version. The record's place
 * in the log is the prediction's id, under which it can be labelled.
 *
 * <p>Safe for any thread; never blocks. A caller whose answer was not recorded gets none.
 */
public final class Capture {
  /** The header of recorded predictions, which tells them from others in the topic. */
  static final String HEADER = "nagare-captured";

  /** The header that says who asked, or who gave a label: the principal's name. */
  static final String PRINCIPAL = "nagare-principal";

  /** Of a feature, as a number and as text. */
  private static final long BYTES_OF_VALUE = Float.BYTES + 14;

  /** Names, version and outputs. */
  private static final long BYTES_OF_RECORD = 1024;

  private final String topic;
  private final LogAppender log;

  /** Records the answers of a model in its predictions. */
  public Capture(LearnedModel config, LogAppender log) {
    this.topic = topic(config);
    this.log = log;
  }

  /** The topic of a model's predictions. */
  static String topic(LearnedModel config) {
    return config.name() + ".predictions";
  }

  /**
   * Asks, records and answers.
   *
   * @param terms of the caller; the prediction belongs to its principal
   * @return the answer with its {@code prediction_id}; fails if it was not recorded
   * @throws dev.nagare.streaming.protocol.ProtocolException if the request is refused; it is then
   *     still the caller's
   */
  public CompletableFuture<InferenceResponse> answer(
      Questions questions, InferenceRequest request, Terms terms) {
    // A lane gives the request's memory back as soon as it has copied the rows.
    List<InferenceResponse.Output> features = windowOf(request);
    Object key = request.parameters().get("key");
    ByteBudget.Share room = room(features);
    CompletableFuture<InferenceResponse> answered;
    try {
      answered = questions.ask(request, request.id(), terms);
    } catch (RuntimeException e) {
      room.close();
      throw e;
    }
    return answered
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                room.close();
              }
            })
        .thenCompose(answer -> record(features, key, answer, terms.principal(), room));
  }

  /** Before anything is computed: what could not be recorded need not be answered. */
  private ByteBudget.Share room(List<InferenceResponse.Output> features) {
    long values = features.isEmpty() ? 0 : features.getFirst().elements();
    try {
      return log.room(BYTES_OF_RECORD + values * BYTES_OF_VALUE);
    } catch (LogAppender.BusyException e) {
      throw Unlogged.refusal(e);
    }
  }

  private CompletableFuture<InferenceResponse> record(
      List<InferenceResponse.Output> features,
      @Nullable Object key,
      InferenceResponse answer,
      String principal,
      ByteBudget.Share room) {
    String name = key == null ? answer.id() : key.toString();
    return log.append(
            topic,
            name == null ? null : name.getBytes(UTF_8),
            () -> PredictionJson.write(answer, features),
            Map.of(HEADER, "sync", PRINCIPAL, principal),
            room)
        .handle(
            (offset, failure) -> {
              if (failure != null) {
                throw Unlogged.refusal(failure);
              }
              return identified(answer, new PredictionId(topic, 0, offset));
            });
  }

  private static InferenceResponse identified(InferenceResponse answer, PredictionId id) {
    Map<String, Object> parameters = new LinkedHashMap<>();
    parameters.put("prediction_id", id.toString());
    parameters.putAll(answer.parameters());
    return new InferenceResponse(
        answer.modelName(), answer.modelVersion(), answer.id(), parameters, answer.outputs());
  }

  private static List<InferenceResponse.Output> windowOf(InferenceRequest request) {
    for (TensorData input : request.inputs()) {
      Tensor data = input.data();
      if (input.name().equals(Answers.WINDOW) && data.dtype() == DType.F32) {
        List<Long> shape = data.shape().toList();
        return List.of(InferenceResponse.Output.of(Answers.WINDOW, shape, data.toFloats()));
      }
    }
    return List.of(); // the model refuses it in a moment
  }
}
