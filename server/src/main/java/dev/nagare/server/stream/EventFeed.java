package dev.nagare.server.stream;

import dev.nagare.server.metrics.Metrics;
import dev.nagare.streaming.LearningEvent;
import dev.nagare.streaming.ModelService;
import io.vertx.core.Context;
import java.util.ArrayDeque;
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

  /** How many past events a new subscriber can ask for: half a minute of the demo. */
  static final int HISTORY = 300;

  // So much may be under way to the event loop; when it is behind, the model drops events.
  private static final int UNDER_WAY = 64;

  // Waking the event loop is a system call, which a learner at full speed would pay per record.
  private static final long GATHER_MILLIS = 10;

  private final ModelService model;
  private final Context loop;
  private final Metrics metrics;
  private final ArrayDeque<LearningEvent> history = new ArrayDeque<>(HISTORY);
  private final Set<StreamSocket> sockets = new LinkedHashSet<>();
  private final Queue<LearningEvent> underWay = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean awake = new AtomicBoolean();

  EventFeed(ModelService model, Context loop, Metrics metrics) {
    this.model = model;
    this.loop = loop;
    this.metrics = metrics;
  }

  String model() {
    return model.name();
  }

  void add(StreamSocket socket, int past) {
    deliver(); // what waits for the timer is past as well
    int skip = history.size() - past;
    for (LearningEvent event : history) {
      if (skip-- <= 0) {
        socket.event(this, Frames.event(model(), event));
      }
    }
    socket.offer(Frames.status(model(), model.status()));
    sockets.add(socket);
  }

  void remove(StreamSocket socket) {
    sockets.remove(socket);
  }

  /** Tells every socket how the model is; called once a second. */
  void tellStatus() {
    if (!sockets.isEmpty()) {
      String frame = Frames.status(model(), model.status());
      List.copyOf(sockets).forEach(socket -> socket.offer(frame));
    }
  }

  void missed() {
    metrics.missedEvent(model());
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
      publish(event);
      delivered++;
    }
    if (delivered > 0) {
      request(delivered);
    }
  }

  private void publish(LearningEvent event) {
    if (history.size() == HISTORY) {
      history.removeFirst();
    }
    history.addLast(event);
    if (!sockets.isEmpty()) {
      String frame = Frames.event(model(), event);
      List.copyOf(sockets).forEach(socket -> socket.event(this, frame));
    }
  }
}
