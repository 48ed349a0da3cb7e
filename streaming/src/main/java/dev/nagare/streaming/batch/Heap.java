package dev.nagare.streaming.batch;

import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * Questions in an order, the first one at hand. What does not wait any more stays until it comes to
 * the front or room is needed; so the array is at most about twice as large as what ever waited at
 * once.
 *
 * <p>For one thread at a time.
 */
final class Heap {
  private final Comparator<Question> order;
  private @Nullable Question[] items = new @Nullable Question[16];
  private int size;

  Heap(Comparator<Question> order) {
    this.order = order;
  }

  boolean isEmpty() {
    return size == 0;
  }

  int size() {
    return size;
  }

  /** How many wait, of those that are in it. */
  int waiting() {
    int waiting = 0;
    for (int i = 0; i < size; i++) {
      Question item = items[i];
      if (item != null && item.waits()) {
        waiting++;
      }
    }
    return waiting;
  }

  void add(Question question) {
    if (size == items.length) {
      makeRoom();
    }
    size++;
    up(size - 1, question);
  }

  /** The first that still waits; null if none does. What has gone is forgotten. */
  @Nullable Question first() {
    for (Question first = items[0]; first != null; first = items[0]) {
      if (first.waits()) {
        return first;
      }
      remove();
    }
    return null;
  }

  /** Removes the first. */
  void remove() {
    Question last = items[--size];
    items[size] = null;
    if (size > 0 && last != null) {
      down(0, last);
    }
  }

  /** Forgets what has gone, and grows if that is not enough. */
  private void makeRoom() {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      Question item = items[i];
      if (item != null && item.waits()) {
        items[kept++] = item;
      }
    }
    Arrays.fill(items, kept, size, null);
    size = kept;
    for (int i = size / 2 - 1; i >= 0; i--) {
      Question item = items[i];
      if (item != null) {
        down(i, item);
      }
    }
    if (size > items.length / 2) {
      items = Arrays.copyOf(items, 2 * items.length);
    }
  }

  private void up(int from, Question question) {
    int at = from;
    while (at > 0) {
      int parent = (at - 1) >>> 1;
      Question above = items[parent];
      if (above == null || order.compare(question, above) >= 0) {
        break;
      }
      items[at] = above;
      at = parent;
    }
    items[at] = question;
  }

  private void down(int from, Question question) {
    int at = from;
    for (int child = 2 * at + 1; child < size; child = 2 * at + 1) {
      Question below = items[child];
      Question other = child + 1 < size ? items[child + 1] : null;
      if (other != null && below != null && order.compare(other, below) < 0) {
        child++;
        below = other;
      }
      if (below == null || order.compare(question, below) <= 0) {
        break;
      }
      items[at] = below;
      at = child;
    }
    items[at] = question;
  }
}
