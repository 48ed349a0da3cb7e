package dev.nagare.server.stream;

import dev.nagare.streaming.LearningEvent;
import org.jspecify.annotations.Nullable;

/**
 * The newest events of a model, by their numbers, which ascend. One for all that watch: each of
 * them has its own place in it. For one thread.
 */
final class History {
  /** So many are kept: over a minute and a half of the demo. */
  static final int MOST = 1024;

  private final String model;
  private final @Nullable Entry[] ring = new @Nullable Entry[MOST];
  private int first;
  private int size;

  /** An event, encoded when the first of those who watch gets it. */
  static final class Entry {
    private final String model;
    private final LearningEvent event;
    private @Nullable String frame;

    private Entry(String model, LearningEvent event) {
      this.model = model;
      this.event = event;
    }

    long number() {
      return event.number();
    }

    String frame() {
      String encoded = frame;
      if (encoded == null) {
        encoded = Frames.event(model, event);
        frame = encoded;
      }
      return encoded;
    }
  }

  History(String model) {
    this.model = model;
  }

  /** Adds an event; a learner that fell back tells some again, which take their old places. */
  void add(LearningEvent event) {
    while (size > 0 && at(size - 1).number() >= event.number()) {
      size--;
    }
    if (size == MOST) {
      first = (first + 1) % MOST;
      size--;
    }
    ring[(first + size) % MOST] = new Entry(model, event);
    size++;
  }

  /** The number of the newest event, or -1 if there is none. */
  long newest() {
    return size == 0 ? -1 : at(size - 1).number();
  }

  /** The number of the oldest of the so many newest events; -1 if there is none. */
  long last(long count) {
    int from = (int) Math.max(0, size - count);
    return from == size ? -1 : at(from).number();
  }

  /** The first event whose number is that or higher; null if there is none yet. */
  @Nullable Entry from(long number) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (at(middle).number() < number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == size ? null : at(low);
  }

  private Entry at(int index) {
    Entry entry = ring[(first + index) % MOST];
    if (entry == null) {
      throw new IllegalStateException("nothing at " + index + " of " + size);
    }
    return entry;
  }
}
