package dev.nagare.loadtest.bench.serve.wire;

import dev.nagare.loadtest.process.Precedence;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sends calls to a server and takes its answers, on the calling thread, which wants a core of its
 * own.
 *
 * <p>Open loop: requests are due at random moments (exponential gaps, by seed), whatever the server
 * does; those that find all connections taken wait here, and their time runs. While they are far
 * apart the thread sleeps between looks and has {@link Precedence} when it wakes; else it never
 * sleeps. Closed loop: so many calls are under way all the time, which is how much a server can do.
 *
 * <p>Connections stay open between runs. Used by one thread.
 */
public final class Generator implements AutoCloseable {
  private static final long SEED = 11;
  private static final int SENDS_BETWEEN_LOOKS = 8;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Per second: up to it, requests are far enough apart for sleep. */
  private static final double LEISURELY = 5_000;

  private static final long NAP = 50_000; // nanoseconds, as the next

  /** What a nap may take, with the way into it and out of it. */
  private static final long NAP_AT_MOST = 4 * NAP;

  private final int port;
  private final Transport transport;
  private final List<Call> calls;
  private final int[] answerBytes;
  private final Selector selector;
  private final List<Wire> wires = new ArrayList<>();
  private final Backlog backlog = new Backlog();
  private final SplittableRandom random = new SplittableRandom(SEED);

  // A ring: a connection stands in it as often as it takes another call, and each gets its turn, so
  // that none is idle for so long that the server closes it.
  private Wire[] free = new Wire[0];
  private int firstFree;
  private int freeCount;
  private int underWay;
  private int next;
  private Tally tally = new Tally(Long.MAX_VALUE);

  /**
   * Connects.
   *
   * @param port of a server on this machine
   * @param calls sent in turn
   */
  public Generator(int port, Transport transport, List<Call> calls) throws IOException {
    this.port = port;
    this.transport = transport;
    this.calls = List.copyOf(calls);
    this.answerBytes = new int[calls.size()];
    takeAnyLength();
    this.selector = Selector.open();
    connect();
  }

  private void connect() throws IOException {
    free = new Wire[transport.connections() * transport.callsAtATime()];
    for (int i = 0; i < transport.connections(); i++) {
      wires.add(transport.open(port, selector, this::replied));
    }
    for (int i = 0; i < free.length; i++) {
      free(wires.get(i % wires.size()));
    }
  }

  /**
   * Sends each call once, alone, and remembers how long a right answer is: later ones are compared
   * with that.
   *
   * @return the bodies, for somebody who knows what should be in them
   * @throws IOException if one is not answered with 200
   */
  public List<byte[]> answers() throws IOException {
    List<byte[]> bodies = new ArrayList<>();
    for (int call = 0; call < calls.size(); call++) {
      answerBytes[call] = -1;
      next = call;
      tally = new Tally(Long.MAX_VALUE);
      var body = new ByteArrayOutputStream();
      Wire wire = free[firstFree];
      wire.kept = body;
      send(System.nanoTime());
      drain();
      wire.kept = null;
      if (tally.answered() != 1) {
        throw new IOException(
            "call " + call + ": expected an answer with 200, got " + tally.counts() + ": " + body);
      }
      answerBytes[call] = body.size();
      bodies.add(body.toByteArray());
    }
    next = 0;
    return bodies;
  }

  /** Takes answers of any length from now on: those of a new version may be longer. */
  public void takeAnyLength() {
    Arrays.fill(answerBytes, -1);
  }

  /**
   * Sends at a rate.
   *
   * @param rate requests per second
   * @param length in which requests are due; those under way then are waited for
   * @param deadline after which an answer is of no use to its caller; null if it always is
   */
  public Tally open(double rate, Duration length, @Nullable Duration deadline) throws IOException {
    return open(rate, length, deadline, null);
  }

  /**
   * Sends at a rate, and in the middle of it something else.
   *
   * @param aside sent once, answered before this returns; null for nothing
   * @see #open(double, Duration, Duration)
   */
  public Tally open(
      double rate, Duration length, @Nullable Duration deadline, @Nullable Aside aside)
      throws IOException {
    tally = new Tally(deadline == null ? Long.MAX_VALUE : deadline.toNanos());
    if (rate > LEISURELY) {
      send(rate, length, aside, Long.MAX_VALUE);
    } else {
      try (var _ = Precedence.take()) {
        send(rate, length, aside, NAP_AT_MOST);
      }
    }
    drain();
    tally.lasted(length.toNanos() / 1e9);
    var patience = new Patience(PATIENCE);
    while (aside != null && !aside.answered() && patience.isLeft()) {
      look();
    }
    return tally;
  }

  /**
   * Sends what is due.
   *
   * @param leisure sleeps when nothing is due for so long, nanoseconds
   */
  private void send(double rate, Duration length, @Nullable Aside aside, long leisure)
      throws IOException {
    long start = System.nanoTime();
    long end = start + length.toNanos();
    double due = (double) start + gap(rate);
    long asideDue = aside == null ? Long.MAX_VALUE : start + length.toNanos() / 2;
    for (long now = start; due < end || now < end; now = System.nanoTime()) {
      if (now >= asideDue && aside != null) {
        aside.send();
        asideDue = Long.MAX_VALUE;
      }
      for (int sends = 0; sends < SENDS_BETWEEN_LOOKS && due <= now && due < end; sends++) {
        tally.due(now - (long) due);
        if (freeCount > 0 && backlog.isEmpty()) {
          send((long) due);
        } else {
          backlog.add((long) due);
        }
        due += gap(rate);
        now = System.nanoTime();
      }
      look();
      if (due - now > leisure) {
        LockSupport.parkNanos(this, NAP);
      }
    }
  }

  /** Opens a connection for what is sent aside. */
  public Aside aside(Call call) throws IOException {
    return new Aside(call, port, selector);
  }

  /**
   * Keeps calls under way.
   *
   * @param count of them, at most what the connections carry
   */
  public Tally closed(int count, Duration length) throws IOException {
    tally = new Tally(Long.MAX_VALUE);
    int most = Math.min(count, free.length);
    long start = System.nanoTime();
    long end = start + length.toNanos();
    for (long now = start; now < end; now = System.nanoTime()) {
      while (underWay < most && freeCount > 0) {
        tally.due(0);
        send(System.nanoTime());
      }
      look();
    }
    tally.lasted((System.nanoTime() - start) / 1e9);
    drain();
    return tally;
  }

  /** Between two requests, in nanoseconds. */
  private double gap(double rate) {
    return -Math.log(1 - random.nextDouble()) * 1e9 / rate;
  }

  private void send(long due) throws IOException {
    Wire wire = free[firstFree];
    firstFree = (firstFree + 1) % free.length;
    freeCount--;
    underWay++;
    int call = next;
    next = call + 1 == calls.size() ? 0 : call + 1;
    try {
      wire.send(calls.get(call), call, due);
    } catch (IOException e) {
      lost(wire);
    }
  }

  private void look() throws IOException {
    try {
      selector.selectNow(this::ready);
    } catch (UncheckedIOException e) {
      throw new IOException("the server takes no more connections: " + e.getMessage(), e);
    }
    while (freeCount > 0 && !backlog.isEmpty()) {
      send(backlog.remove());
    }
  }

  private void ready(SelectionKey key) {
    if (!(key.attachment() instanceof Wire wire)) {
      return;
    }
    try {
      wire.ready();
    } catch (IOException e) {
      try {
        lost(wire);
      } catch (IOException gone) {
        throw new UncheckedIOException(gone);
      }
    }
  }

  /** What was under way on it has failed; another connection takes its place. */
  @SuppressWarnings("ReferenceEquality") // this connection, not one like it
  private void lost(Wire wire) throws IOException {
    wire.unanswered(this::replied);
    wire.close();
    int place = wires.indexOf(wire);
    if (place < 0) {
      throw new IOException("the connection beside the load was lost");
    }
    Wire another = transport.open(port, selector, this::replied);
    wires.set(place, another);
    for (int i = 0; i < freeCount; i++) {
      int at = (firstFree + i) % free.length;
      if (free[at] == wire) {
        free[at] = another;
      }
    }
  }

  private void free(Wire wire) {
    free[(firstFree + freeCount) % free.length] = wire;
    freeCount++;
  }

  private void replied(Wire wire, long due, int call, int status, int bodyBytes) {
    int expected = answerBytes[call];
    tally.ended(status, expected < 0 || bodyBytes == expected, System.nanoTime() - due);
    free(wire);
    underWay--;
  }

  /** Waits for what is under way; what is not answered by then has failed. */
  private void drain() throws IOException {
    var patience = new Patience(PATIENCE);
    while ((underWay > 0 || !backlog.isEmpty()) && patience.isLeft()) {
      look();
    }
    while (!backlog.isEmpty()) {
      tally.ended(0, false, System.nanoTime() - backlog.remove());
    }
    for (Wire wire : List.copyOf(wires)) {
      if (underWay > 0) {
        lost(wire);
      }
    }
  }

  @Override
  public void close() throws IOException {
    for (Wire wire : wires) {
      wire.close();
    }
    selector.close();
  }
}
