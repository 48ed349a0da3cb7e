package dev.nagare.tensor;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Threads for work that nobody waits for while others answer callers: compiling plans, loading
 * models. On Linux they get what the others leave of the processors, and a small share where these
 * leave nothing; elsewhere they are threads like any. So are the threads that they start.
 *
 * <p>Safe for any thread.
 */
public final class BackgroundThreads {
  /**
   * What is added to the process's nice value: a share of a tenth beside one that is busy, by the
   * weights of {@code sched(7)}.
   */
  private static final int NICER = 10;

  private static final int NICEST = 19;

  /** {@code PRIO_PROCESS} of {@code setpriority(2)}; with 0, the calling thread. */
  private static final int THREAD = 0;

  private static final @Nullable MethodHandle GET =
      SystemCalls.find("getpriority", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private static final @Nullable MethodHandle SET =
      SystemCalls.find("setpriority", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));

  private BackgroundThreads() {}

  /** Makes daemon threads of that name. */
  public static ThreadFactory named(String name) {
    ThreadFactory plain = Thread.ofPlatform().daemon().name(name).factory();
    return work ->
        plain.newThread(
            () -> {
              giveWay();
              work.run();
            });
  }

  private static void giveWay() {
    MethodHandle get = GET;
    MethodHandle set = SET;
    if (get != null && set != null) {
      long now = SystemCalls.call(() -> (int) get.invokeExact(THREAD, 0));
      int then = (int) Math.min(NICEST, now + NICER);
      // A system that does not want this is no reason not to work.
      long _ = SystemCalls.call(() -> (int) set.invokeExact(THREAD, 0, then));
    }
  }
}
