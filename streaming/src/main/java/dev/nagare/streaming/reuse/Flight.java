package dev.nagare.streaming.reuse;

import dev.nagare.streaming.Terms;
import dev.nagare.streaming.protocol.InferenceResponse;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One computation, and the callers who wait for it. One of them leads: its request is asked, under
 * its terms. The others keep theirs. An answer is everybody's, and so is what the model makes of
 * the request; but that the leader was refused, had no more time or left, is its own: then the next
 * one leads, whose request is asked under its own terms.
 *
 * <p>The last one who waits waits until the computation ends, even if it has left: by its lease the
 * model is kept.
 *
 * <p>Safe for any thread.
 */
final class Flight {
  private static final int LEFT = 499;

  /** Whose request is to be asked: the more urgent, then the earlier due. */
  private static final Comparator<Waiter> BY_TURN =
      (a, b) -> {
        int order = Integer.compare(place(a.terms()), place(b.terms()));
        return order != 0 ? order : compareDeadlines(a.terms(), b.terms());
      };

  private final Object edition;
  private final Asking next;
  private final Runnable cancelled;
  private final Consumer<Flight> over;
  private final List<Waiter> waiters = new ArrayList<>(); // guarded by this
  private Terms leads; // guarded by this
  private @Nullable Waiter leader; // guarded by this; null once it has left
  private Terms.@Nullable Waiting question; // guarded by this
  private boolean ended; // guarded by this

  /**
   * Not begun.
   *
   * @param edition what answers now
   * @param terms of who will begin it
   * @param next where the answer comes from
   * @param cancelled told of each caller who left while others wait on
   * @param over told once, at the end
   */
  Flight(Object edition, Terms terms, Asking next, Runnable cancelled, Consumer<Flight> over) {
    this.edition = edition;
    this.leads = terms;
    this.next = next;
    this.cancelled = cancelled;
    this.over = over;
  }

  /** Whether a caller loses nothing by waiting for it. */
  @SuppressWarnings("ReferenceEquality") // the same object, or other weights
  synchronized boolean suits(Terms terms, Object now) {
    return !ended && edition == now && suits(terms);
  }

  private boolean suits(Terms terms) {
    return place(leads) <= place(terms) && compareDeadlines(leads, terms) <= 0;
  }

  /** Waits with the others; false, and nothing has happened, if that does not suit any more. */
  synchronized boolean join(Waiter waiter) {
    if (ended || !suits(waiter.terms())) {
      return false;
    }
    waiters.add(waiter);
    return true;
  }

  /**
   * Asks for the first.
   *
   * @throws ProtocolException if its request is refused; it is then still the caller's
   */
  CompletableFuture<InferenceResponse> begin(Waiter first) {
    synchronized (this) {
      waiters.add(first);
      leader = first;
    }
    try {
      lead(first);
      return first.answer();
    } catch (RuntimeException e) {
      synchronized (this) {
        waiters.remove(first);
      }
      leadOn();
      throw e;
    }
  }

  /** Asks what the leader asks, under its terms. */
  private void lead(Waiter waiter) {
    CompletableFuture<InferenceResponse> answer =
        next.ask(waiter.request(), waiter.id(), waiter.terms());
    Terms.Waiting asked = waiter.terms().whenLeft(waiter);
    synchronized (this) {
      question = asked;
    }
    if (waiter.terms().left()) {
      left(waiter); // meanwhile, when there was no question to tell
    }
    var _ = answer.whenComplete(this::ended);
  }

  private void ended(@Nullable InferenceResponse response, @Nullable Throwable thrown) {
    if (thrown != null && isOfItsCaller(thrown)) {
      Waiter own;
      synchronized (this) {
        own = leader;
        leader = null;
        if (own != null) {
          waiters.remove(own);
        }
      }
      if (own != null) {
        own.fail(thrown); // its request was closed
      }
      leadOn();
      return;
    }
    Waiter led;
    List<Waiter> all;
    synchronized (this) {
      ended = true;
      led = leader;
      all = List.copyOf(waiters);
    }
    over.accept(this);
    for (Waiter waiter : all) {
      if (waiter != led) {
        waiter.request().close();
      }
      if (response != null) {
        waiter.complete(response);
      } else if (thrown != null) {
        waiter.fail(thrown);
      }
    }
  }

  /** Refused, late or gone: the terms of one caller say nothing of another's. */
  private static boolean isOfItsCaller(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException e ? e.getCause() : thrown;
    return cause instanceof ProtocolException refusal
        && switch (refusal.status()) {
          case 429, LEFT, 503, 504 -> true;
          default -> false;
        };
  }

  /** Lets the next one lead; ends if there is none. */
  private void leadOn() {
    for (Waiter waiter = next(); waiter != null; waiter = next()) {
      try {
        if (waiter.terms().left()) {
          throw gone();
        }
        waiter.terms().sent(); // its room is taken again
        lead(waiter);
        return;
      } catch (RuntimeException e) {
        synchronized (this) {
          waiters.remove(waiter);
        }
        waiter.request().close();
        waiter.fail(e);
      }
    }
    over.accept(this);
  }

  private synchronized @Nullable Waiter next() {
    Waiter waiter = waiters.stream().min(BY_TURN).orElse(null);
    leader = waiter;
    question = null;
    ended = waiter == null;
    if (waiter != null) {
      leads = waiter.terms();
    }
    return waiter;
  }

  /** A caller has left. */
  void left(Waiter waiter) {
    boolean last;
    boolean led;
    Terms.Waiting asked;
    synchronized (this) {
      if (ended || !waiters.contains(waiter)) {
        return;
      }
      last = waiters.size() == 1;
      asked = question;
      led = waiter == leader;
      if (led && asked == null) {
        return; // it is being asked at the moment, and its terms are in use: that is looked at then
      }
      if (!last) {
        waiters.remove(waiter);
        leader = led ? null : leader;
      }
    }
    if (!last) {
      if (!led) {
        waiter.request().close();
      }
      cancelled.run();
      waiter.fail(gone());
    } else if (asked != null) {
      asked.callerLeft(); // which ends it, unless a lane has begun
    }
  }

  private static ProtocolException gone() {
    return new ProtocolException(LEFT, "the caller left");
  }

  private static int place(Terms terms) {
    return terms.urgency() == 1 ? 0 : terms.urgency() == 0 ? 1 : 2;
  }

  /** Without a deadline is after all with one. */
  private static int compareDeadlines(Terms a, Terms b) {
    if (!a.limited() || !b.limited()) {
      return Boolean.compare(b.limited(), a.limited());
    }
    return Long.signum(a.deadlineNanos() - b.deadlineNanos());
  }
}
