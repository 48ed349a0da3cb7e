package dev.nagare.tensor;

import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds memory that was opened and never closed: a {@link Scope}, a {@link ProcessMemory}, a lease
 * of a {@link PooledMemory}.
 *
 * <p>When the last reference to such an object goes, so does the last chance to close it, and the
 * garbage collector tells: it is counted, remembered for {@link #drain()} and logged as a warning.
 * What is still referenced is no leak yet. How much is kept is the {@link Level} that the system
 * property {@code nagare.leaks} names, read once; off costs a comparison with null per opening and
 * closing. Safe for any thread.
 */
public final class Leaks {
  /** More than a person reads; the oldest are forgotten first. */
  private static final int REMEMBERED = 1_000;

  private static final System.Logger LOG = System.getLogger(Leaks.class.getName());
  private static final Level LEVEL = Level.named(System.getProperty("nagare.leaks", "off"));
  private static final Deque<Leak> FOUND = new ArrayDeque<>();
  private static long count;

  private Leaks() {}

  /** How much is kept about each opening. */
  public enum Level {
    /** Nothing. */
    OFF,
    /** What it is: about 100 bytes. */
    COUNTS,
    /** Also where it was opened, and where its last lease was taken: some µs each. */
    STACKS;

    static Level named(String name) {
      for (Level level : values()) {
        if (level.name().toLowerCase(Locale.ROOT).equals(name)) {
          return level;
        }
      }
      throw new IllegalArgumentException(
          "nagare.leaks: expected off, counts or stacks, got " + name);
    }
  }

  /**
   * Something that was never closed.
   *
   * @param what such as {@code process memory learner pulse}
   * @param opened where, as a stack trace; null unless stacks are kept
   * @param lastLease where the last lease after the first was taken; null if none was
   */
  public record Leak(String what, @Nullable Throwable opened, @Nullable Throwable lastLease) {}

  /** The level of this process. */
  public static Level level() {
    return LEVEL;
  }

  /** Leaks found so far. */
  public static long count() {
    synchronized (FOUND) {
      return count;
    }
  }

  /** The leaks found since the last call, the latest {@value #REMEMBERED} of them. */
  public static List<Leak> drain() {
    synchronized (FOUND) {
      List<Leak> leaks = new ArrayList<>(FOUND);
      FOUND.clear();
      return leaks;
    }
  }

  /** Watches an object from now on; null when off. */
  static @Nullable Opening opened(Memory memory, String kind, String name) {
    return LEVEL == Level.OFF ? null : opened(LEVEL, memory, kind, name);
  }

  static @Nullable Opening opened(Level level, Memory memory, String kind, String name) {
    if (level == Level.OFF) {
      return null;
    }
    var opening = new Opening(level, kind, name);
    opening.cleanable = Collector.CLEANER.register(memory, opening);
    return opening;
  }

  /** The thread that follows the garbage collector, started when it is first needed. */
  static final class Collector {
    static final Cleaner CLEANER = Cleaner.create();

    private Collector() {}
  }

  /** What is known about one object; holds no reference to it, or it would never go. */
  static final class Opening implements Runnable {
    private final String kind;
    private final String name;
    private final @Nullable Throwable opened;
    private volatile @Nullable Throwable lastLease;
    private volatile boolean closed;
    private Cleaner.@Nullable Cleanable cleanable;

    private Opening(Level level, String kind, String name) {
      this.kind = kind;
      this.name = name;
      this.opened = level == Level.STACKS ? new Throwable("opened here") : null;
    }

    /** Remembers the caller as the latest who is to give something back. */
    void leased() {
      if (opened != null) {
        lastLease = new Throwable("last lease taken here");
      }
    }

    /** Ends the watch: the object was closed as it should be. */
    void close() {
      closed = true;
      Cleaner.Cleanable watch = cleanable;
      if (watch != null) {
        watch.clean();
      }
    }

    /** Called when the object is gone, and by {@link #close}. */
    @Override
    public void run() {
      if (!closed) {
        found(new Leak(kind + " " + name, opened, lastLease));
      }
    }
  }

  private static void found(Leak leak) {
    synchronized (FOUND) {
      count++;
      if (FOUND.size() == REMEMBERED) {
        FOUND.removeFirst();
      }
      FOUND.addLast(leak);
    }
    Throwable where = leak.lastLease() == null ? leak.opened() : leak.lastLease();
    LOG.log(System.Logger.Level.WARNING, "leak: " + leak.what() + " was never closed", where);
  }
}
