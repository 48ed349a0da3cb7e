package dev.nagare.models.text;

import java.util.Arrays;

/** Ids of a text, as many as fit: what comes after is counted, not kept. */
final class TokenIds {
  private final int most;
  private long[] ids = new long[32];
  private int size;

  TokenIds(int most) {
    this.most = most;
  }

  void add(int id) {
    if (size < most) {
      if (size == ids.length) {
        ids = Arrays.copyOf(ids, 2 * size);
      }
      ids[size] = id;
    }
    size++;
  }

  int size() {
    return size;
  }

  /** Takes back all but the first. */
  void cut(int to) {
    size = to;
  }

  boolean full() {
    return size >= most;
  }

  /** The ids between two others. */
  long[] between(int first, int last) {
    int kept = Math.min(size, most);
    long[] all = new long[kept + 2];
    all[0] = first;
    System.arraycopy(ids, 0, all, 1, kept);
    all[kept + 1] = last;
    return all;
  }
}
