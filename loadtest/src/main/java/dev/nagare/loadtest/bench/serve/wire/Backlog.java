package dev.nagare.loadtest.bench.serve.wire;

/** When requests were due that no connection has taken yet, the oldest first. */
final class Backlog {
  private long[] due = new long[1024];
  private int first;
  private int size;

  boolean isEmpty() {
    return size == 0;
  }

  void add(long dueNanos) {
    if (size == due.length) {
      long[] larger = new long[2 * size];
      for (int i = 0; i < size; i++) {
        larger[i] = due[(first + i) % due.length];
      }
      due = larger;
      first = 0;
    }
    due[(first + size) % due.length] = dueNanos;
    size++;
  }

  long remove() {
    long oldest = due[first];
    first = (first + 1) % due.length;
    size--;
    return oldest;
  }
}
