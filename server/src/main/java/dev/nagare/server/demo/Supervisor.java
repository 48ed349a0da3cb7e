package dev.nagare.server.demo;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps one child process running until it is told to stop. Safe for any thread. */
final class Supervisor {
  private final ChildSpec spec;
  private final Listener listener;
  private final RestartPolicy policy = new RestartPolicy();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean worked;
  private volatile @Nullable Child child; // written under this object's monitor

  /** Told of what happens to a child, on threads of the supervisor's. */
  interface Listener {
    /** It was started. */
    default void started(String name, long pid) {}

    /** It printed a line. */
    default void line(String name, String line) {}

    /** It ended and is started again after a pause. */
    default void restarting(String name, String why, Duration pause) {}

    /** It ended and is not started again; nothing more will be said. */
    void gaveUp(String name, int exitCode, String why);
  }

  Supervisor(ChildSpec spec, Listener listener) {
    this.spec = spec;
    this.listener = listener;
    this.thread = Thread.ofPlatform().daemon().name(spec.name()).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** To be told when the child was seen to work: from then on it is worth a restart. */
  void works() {
    worked = true;
  }

  private void run() {
    try {
      while (true) {
        long began = System.nanoTime();
        Child running = startChild();
        if (running == null) {
          return;
        }
        int code = running.waitFor();
        if (stopping.getCount() == 0) {
          return;
        }
        String why = RestartPolicy.describe(code);
        Duration uptime = Duration.ofNanos(System.nanoTime() - began);
        Optional<Duration> pause = policy.afterEnd(code, worked, uptime);
        if (pause.isEmpty()) {
          listener.gaveUp(spec.name(), code, why + ": " + running.lastLine());
          return;
        }
        listener.restarting(spec.name(), why, pause.get());
        if (stopping.await(pause.get().toMillis(), TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      listener.gaveUp(spec.name(), 1, "cannot be started: " + e.getMessage());
    }
  }

  /** Null if it is to stop: a child that starts while stop() looks for it would be left over. */
  private synchronized @Nullable Child startChild() throws IOException {
    if (stopping.getCount() == 0) {
      return null;
    }
    Child running = Child.start(spec, line -> listener.line(spec.name(), line));
    child = running;
    listener.started(spec.name(), running.pid());
    return running;
  }

  /**
   * Stops the child and starts it no more. A second call does nothing.
   *
   * @param patience between SIGTERM and SIGKILL
   * @return whether it stopped by itself
   */
  boolean stop(Duration patience) throws InterruptedException {
    Child running;
    synchronized (this) {
      stopping.countDown();
      running = child;
      child = null;
    }
    return running == null || running.stop(patience);
  }
}
