package dev.nagare.server.stream;

import dev.nagare.server.admission.Serving;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one client watches. For the event loop of its door. */
final class Subscriptions {
  private final Serving serving;
  private final Map<String, EventFeed> feeds;
  private final Cursor.Outlet outlet;
  private final Map<EventFeed, Cursor> open = new LinkedHashMap<>();

  Subscriptions(Serving serving, Map<String, EventFeed> feeds, Cursor.Outlet outlet) {
    this.serving = serving;
    this.feeds = feeds;
    this.outlet = outlet;
  }

  /** Watches; what was watched of the same model before ends. */
  void subscribe(Command command) {
    boolean resumes = command.after() != Command.NONE;
    if (resumes && command.model() == null) {
      throw Command.bad(
          "expected the member 'model' with 'after', a number of that model's events");
    }
    if (resumes && command.history() > 0) {
      throw Command.bad("expected 'after' or 'history', got both");
    }
    if (resumes && command.after() == Long.MAX_VALUE) {
      throw Command.bad("expected the number of an event as 'after', got " + command.after());
    }
    for (EventFeed feed : wanted(command.model())) {
      end(feed);
      outlet.send(Frames.confirmation("subscribed", command.id(), feed.model()));
      open.put(feed, feed.open(outlet, command));
    }
  }

  /** Watches no more. */
  void unsubscribe(Command command) {
    for (EventFeed feed : wanted(command.model())) {
      end(feed);
      outlet.send(Frames.confirmation("unsubscribed", command.id(), feed.model()));
    }
  }

  /** Takes so many events more. */
  void credit(Command command) {
    if (command.events() < 1) {
      throw Command.bad("expected the member 'events', how many more are taken: 1 or more");
    }
    List<Cursor> limited =
        wanted(command.model()).stream()
            .map(open::get)
            .filter(cursor -> cursor != null && cursor.isLimited())
            .toList();
    if (limited.isEmpty()) {
      throw Command.bad(
          "expected a subscription with 'credits' before; one without gets every event anyway");
    }
    for (Cursor cursor : limited) {
      cursor.credit(command.events());
      cursor.advance();
    }
  }

  /** There is room again: everything that is watched gets its turn. */
  void advance() {
    boolean sent = true;
    while (sent && outlet.hasRoom()) {
      sent = false;
      for (Cursor cursor : open.values()) {
        sent |= cursor.step();
      }
    }
  }

  /** The client has gone. */
  void close() {
    open.forEach(EventFeed::close);
    open.clear();
  }

  private void end(EventFeed feed) {
    Cursor before = open.remove(feed);
    if (before != null) {
      feed.close(before);
    }
  }

  private List<EventFeed> wanted(@Nullable String model) {
    if (feeds.isEmpty()) {
      throw new ProtocolException(503, serving.unready());
    }
    if (model == null) {
      return List.copyOf(feeds.values());
    }
    EventFeed feed = feeds.get(serving.model(model).name());
    return feed == null ? List.of() : List.of(feed);
  }
}
