package dev.nagare.server.stream;

import dev.nagare.server.metrics.Metrics;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelService;
import io.vertx.core.Context;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;

/**
 * One model's events on their way to the sockets. Lives on the event loop of its context; only the
 * hand-over is called from elsewhere.
 */
final class EventFeed extends BaseSubscriber<LearningEvent> {
  // So much may be under way to the event loop; when it is behind, the model drops events, which
  // their numbers tell.
  private static final int UNDER_WAY = 256;

  // Waking the event loop is a system call, which a learner at full speed would pay per record.
  private static final long GATHER_MILLIS = 10;

  private final ModelService model;
  private final Context loop;
  private final Metrics metrics;
  private final History history;
  private final Set<Cursor> cursors = new LinkedHashSet<>();
  private final Queue<LearningEvent> underWay = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean();

  EventFeed(ModelService model, Context loop, Metrics metrics) {
    this.model = model;
    this.loop = loop;
    this.metrics = metrics;
    this.history = new History(model.name());
  }

  String model() {
    return model.name();
  }

  /** Subscribes: sends what is past and wanted, then how the model is, and goes on from there. */
  Cursor open(Cursor.Outlet outlet, Command wanted) {
    deliver(); // what waits for the timer is past as well
    var cursor = new Cursor(history, outlet, this::missed, first(wanted), wanted.credits());
    cursor.advance();
    cursor.status(Frames.status(model(), model.status()));
    cursors.add(cursor);
    return cursor;
  }

  private long first(Command wanted) {
    if (wanted.after() != Command.NONE) {
      return wanted.after() + 1;
    }
    long past = history.last(wanted.history());
    return past >= 0 ? past : history.newest() + 1; // of an empty history: any
  }

  void close(Cursor cursor) {
    cursors.remove(cursor);
  }

  /** Tells everyone how the model is; called once a second. */
  void tellStatus() {
    if (!cursors.isEmpty()) {
      String frame = Frames.status(model(), model.status());
      List.copyOf(cursors).forEach(cursor -> cursor.status(frame));
    }
  }

  private void missed(long events) {
    metrics.missedEvents(model(), events);
  }

  @Override
  protected void hookOnSubscribe(Subscription subscription) {
    request(UNDER_WAY);
  }

  @Override
  protected void hookOnNext(LearningEvent event) {
    underWay.add(event);
    if (awake.compareAndSet(false, true)) {
      loop.runOnContext(ignored -> loop.owner().setTimer(GATHER_MILLIS, timer -> deliver()));
    }
  }

  private void deliver() {
    awake.set(false); // first, so that what comes from now on wakes the loop again
    int delivered = 0;
    for (LearningEvent event = underWay.poll(); event != null; event = underWay.poll()) {
      history.add(event);
      delivered++;
    }
    if (delivered > 0) {
      request(delivered);
      List.copyOf(cursors).forEach(Cursor::advance);
    }
  }
}
