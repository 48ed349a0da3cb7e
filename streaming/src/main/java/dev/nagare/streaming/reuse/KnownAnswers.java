package dev.nagare.streaming.reuse;

import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Gives the answer of a request that was asked before, of the weights that answer now, at once:
 * with its caller's id, and the parameter {@code cached}. It takes its room of the budget for
 * answers as one that is computed does. What nobody has asked goes on, and its answer is remembered
 * if the same weights still answer when it is there.
 *
 * <p>Safe for any thread.
 */
public final class KnownAnswers implements Asking {
  /** The parameter of an answer that was computed for an earlier request. */
  public static final String CACHED = "cached";

  private final String model;
  private final AnswerCache cache;
  private final Asking next;
  private final StreamingObserver told;

  /**
   * Before the way to a model.
   *
   * @param model its name
   * @param next where answers come from that are not known
   */
  public KnownAnswers(String model, AnswerCache cache, Asking next, StreamingObserver told) {
    this.model = model;
    this.cache = cache;
    this.next = next;
    this.told = told;
  }

  @Override
  public CompletableFuture<InferenceResponse> ask(
      InferenceRequest request, @Nullable String id, Terms terms) {
    long began = System.nanoTime();
    if (!cache.underWay().fits(Asked.bytes(request))) {
      told.lookedUp(model, false, System.nanoTime() - began);
      return next.ask(request, id, terms);
    }
    Asked asked = Asked.of(request);
    AnswerCache.Answers answers = cache.now();
    InferenceResponse known = answers.find(asked);
    if (known == null) {
      told.lookedUp(model, false, System.nanoTime() - began);
      return cache.underWay().begin(asked)
          ? remembered(asked, answers, request, id, terms)
          : next.ask(request, id, terms);
    }
    reserve(known, terms);
    request.close();
    told.lookedUp(model, true, System.nanoTime() - began);
    return CompletableFuture.completedFuture(again(known, id));
  }

  @SuppressWarnings("ReferenceEquality") // the same edition
  private CompletableFuture<InferenceResponse> remembered(
      Asked asked,
      AnswerCache.Answers answers,
      InferenceRequest request,
      @Nullable String id,
      Terms terms) {
    CompletableFuture<InferenceResponse> answer;
    try {
      answer = next.ask(request, id, terms);
    } catch (RuntimeException e) {
      cache.underWay().end(asked);
      throw e;
    }
    return answer.whenComplete(
        (response, thrown) -> {
          cache.underWay().end(asked);
          // The same before and after: then nothing else answered in between.
          if (thrown == null && cache.now() == answers) {
            answers.put(asked, kept(response));
          }
        });
  }

  private void reserve(InferenceResponse known, Terms terms) {
    AnswerForm form = terms.answerForm();
    if (form != null) {
      terms.reserveAnswer(form.bytes(known), model, told);
    }
  }

  /** Without what is its first caller's, whose answer is still on its way. */
  private static InferenceResponse kept(InferenceResponse answer) {
    return new InferenceResponse(
        answer.modelName(),
        answer.modelVersion(),
        null,
        new LinkedHashMap<>(answer.parameters()),
        answer.outputs());
  }

  private static InferenceResponse again(InferenceResponse known, @Nullable String id) {
    Map<String, Object> parameters = new LinkedHashMap<>(known.parameters());
    parameters.put(CACHED, true);
    return new InferenceResponse(
        known.modelName(), known.modelVersion(), id, parameters, known.outputs());
  }
}
