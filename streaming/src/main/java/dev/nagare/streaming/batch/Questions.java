package dev.nagare.streaming.batch;

import dev.nagare.models.repository.Reuse;
import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.AnswerForm;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.reuse.AnswerCache;
import dev.nagare.streaming.reuse.Asking;
import dev.nagare.streaming.reuse.KnownAnswers;
import dev.nagare.streaming.reuse.SharedAnswers;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The way from a door to the lanes: checks a request against the model and queues it. One for each
 * model and version, since it also keeps what its batches cost.
 *
 * <p>Safe for any thread.
 */
public final class Questions {
  private final ServedModel model;
  private final Batcher batcher;
  private final StreamingObserver told;
  private final Line line;

  /** What callers ask before the batcher; null for nothing. */
  private final @Nullable Asking first;

  private final boolean remembers;

  /**
   * The way to a model.
   *
   * @param model asked
   * @param batcher of this process, whose target counts
   * @param told of refusals
   */
  public Questions(ServedModel model, Batcher batcher, StreamingObserver told) {
    this(batcher.line(model), batcher, told);
  }

  /**
   * The way to a model with a target of its own.
   *
   * @param targetNanos what waiting and computing are meant to take at the 99th percentile
   */
  public Questions(ServedModel model, Batcher batcher, StreamingObserver told, long targetNanos) {
    this(batcher.line(model, targetNanos, new CostModel()), batcher, told);
  }

  private Questions(Line line, Batcher batcher, StreamingObserver told) {
    this(line, batcher, told, Reuse.NONE);
  }

  private Questions(Line line, Batcher batcher, StreamingObserver told, Reuse reuse) {
    this.model = line.model();
    this.batcher = batcher;
    this.told = told;
    this.line = line;
    this.remembers = reuse.cacheBytes() > 0;
    this.first = reuse.equals(Reuse.NONE) ? null : first(reuse);
  }

  private Asking first(Reuse reuse) {
    Asking queue = this::queue;
    String name = line.model().name();
    Supplier<Object> edition = line.model()::edition;
    Asking shared =
        reuse.coalesce() ? new SharedAnswers(name, edition, queue, this::reserve, told) : queue;
    return reuse.cacheBytes() > 0
        ? new KnownAnswers(name, new AnswerCache(reuse.cacheBytes(), edition), shared, told)
        : shared;
  }

  /**
   * The same way, which knows from the start what is known of another one, and learns with it: to
   * models whose batches cost the same.
   */
  public Questions likeThoseOf(Questions other) {
    CostModel known = other.line.cost();
    return new Questions(batcher.line(model, line.targetNanos(), known), batcher, told);
  }

  /** The same way, on which callers who wait may get answers that were computed for others. */
  public Questions reusing(Reuse reuse) {
    return reuse.equals(Reuse.NONE) ? this : new Questions(line, batcher, told, reuse);
  }

  /** Whether answers are remembered. */
  public boolean remembers() {
    return remembers;
  }

  /** The model asked. */
  public ServedModel model() {
    return model;
  }

  /**
   * How many requests wait for a lane now. Counted when asked, while no batch is taken: for a
   * scrape, not for a door.
   */
  public int waiting() {
    return batcher.waiting(line);
  }

  Line line() {
    return line;
  }

  /**
   * Asks, and queues a request unless its answer is known.
   *
   * @param id for the answer
   * @param terms of the caller
   * @return completes where the question ends: on a lane, on the thread of the doors if it was
   *     asked there and that is {@linkplain Batcher#lend lent}, or on the thread of the caller who
   *     leaves or of the deadline that passes; the request is closed by then
   * @throws ProtocolException if the request is refused; it is then still the caller's
   */
  public CompletableFuture<InferenceResponse> ask(
      InferenceRequest request, @Nullable String id, Terms terms) {
    Asking before = first;
    return before == null || terms.priority() != Terms.Priority.INTERACTIVE
        ? queue(request, id, terms)
        : before.ask(request, id, terms);
  }

  private CompletableFuture<InferenceResponse> queue(
      InferenceRequest request, @Nullable String id, Terms terms) {
    Question question = question(request, id);
    reserve(question, terms);
    try {
      batcher.submit(question, line, terms);
    } catch (Refused e) {
      told.refused(model.name(), e.reason());
      throw e.asProtocol();
    }
    terms.whenLeft(question);
    return question.answer();
  }

  private Question question(InferenceRequest request, @Nullable String id) {
    try {
      return model.question(request, id, batcher.queueRows());
    } catch (ProtocolException e) {
      told.refused(model.name(), "invalid");
      throw e;
    }
  }

  /** Takes the room for an answer that is computed for somebody else. */
  private void reserve(InferenceRequest request, Terms terms) {
    reserve(question(request, null), terms);
  }

  /** Of a request that is refused later on, the door gives it back. */
  private void reserve(Question question, Terms terms) {
    AnswerForm form = terms.answerForm();
    if (form == null) {
      return;
    }
    terms.reserveAnswer(model.answerBytes(question, form), model.name(), told);
  }
}
