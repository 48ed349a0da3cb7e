package dev.nagare.streaming.reuse;

import dev.nagare.streaming.StreamingObserver;
import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.InferenceResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets callers who ask the same at the same time wait for one computation: a {@link Flight}. The
 * first one asks; a later one waits with it if the same weights still answer, and if what is under
 * way is as urgent and due no later than its own, so that it loses nothing by that. Else it asks
 * itself, and those after it wait with it.
 *
 * <p>Safe for any thread.
 */
public final class SharedAnswers implements Asking {
  /** Most bytes of what is asked that waits. */
  static final long MOST_BYTES = 1 << 24;

  private final String model;
  private final Supplier<?> edition;
  private final Asking next;
  private final BiConsumer<InferenceRequest, Terms> reserve;
  private final StreamingObserver told;
  private final UnderWay underWay = new UnderWay(MOST_BYTES);
  private final ConcurrentHashMap<Asked, Flight> flights = new ConcurrentHashMap<>();

  /**
   * Before the way to a model.
   *
   * @param model its name
   * @param edition what answers now, as for {@link AnswerCache}
   * @param next where answers come from
   * @param reserve takes the room for the answer to a request, which it checks, under its caller's
   *     terms; or refuses it
   */
  public SharedAnswers(
      String model,
      Supplier<?> edition,
      Asking next,
      BiConsumer<InferenceRequest, Terms> reserve,
      StreamingObserver told) {
    this.model = model;
    this.edition = edition;
    this.next = next;
    this.reserve = reserve;
    this.told = told;
  }

  @Override
  public CompletableFuture<InferenceResponse> ask(
      InferenceRequest request, @Nullable String id, Terms terms) {
    if (!underWay.fits(Asked.bytes(request))) {
      return next.ask(request, id, terms);
    }
    Asked asked = Asked.of(request);
    Object now = edition.get();
    boolean reserved = false;
    while (true) { // again if what was under way has ended meanwhile, or another caller was quicker
      Flight there = flights.get(asked);
      if (there != null && there.suits(terms, now)) {
        if (!reserved) {
          reserve.accept(request, terms);
          reserved = true;
        }
        Waiter waiter = new Waiter(there, request, id, terms);
        if (there.join(waiter)) {
          told.shared(model);
          terms.whenLeft(waiter);
          return waiter.answer();
        }
        flights.remove(asked, there);
        continue;
      }
      Flight mine = new Flight(now, terms, next, this::cancelled, flight -> over(asked, flight));
      if (!underWay.begin(asked)) {
        return alone(request, id, terms, reserved);
      }
      boolean first =
          there == null
              ? flights.putIfAbsent(asked, mine) == null
              : flights.replace(asked, there, mine);
      if (first) {
        if (reserved) {
          terms.sent();
        }
        return mine.begin(new Waiter(mine, request, id, terms));
      }
      underWay.end(asked);
    }
  }

  private CompletableFuture<InferenceResponse> alone(
      InferenceRequest request, @Nullable String id, Terms terms, boolean reserved) {
    if (reserved) {
      terms.sent();
    }
    return next.ask(request, id, terms);
  }

  private void cancelled() {
    told.refused(model, "cancelled");
  }

  private void over(Asked asked, Flight flight) {
    flights.remove(asked, flight);
    underWay.end(asked);
  }

  /** Computations that are under way, for tests. */
  int flights() {
    return flights.size();
  }

  /** Bytes of what they are asked, for tests. */
  long bytes() {
    return underWay.bytes();
  }
}
