package dev.nagare.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Threads for work that nobody waits for while others answer callers: compiling plans, loading
 * models. On Linux they get what the others leave of the processors, and a thirtieth where these
 * leave nothing; whoever wakes up does not wait until such a thread's slice of time has passed.
 * Elsewhere they are threads like any. So are the threads that they start.
 *
 * <p>What such a thread runs for the first time the JVM compiles, on threads of its own: those can
 * be told to {@linkplain #compilersGiveWay give way} as well.
 *
 * <p>Safe for any thread. Source: {@code sched_setattr(2)}, {@code sched(7)}.
 */
public final class BackgroundThreads {
  /** What is added to the process's nice value: a thirtieth of the weight. */
  private static final int NICER = 15;

  private static final int NICEST = 19;

  /**
   * The longest slice there is, nanoseconds: since Linux 6.12 a thread that wakes up takes the
   * place of one with a longer slice than its own; before, it is ignored.
   */
  private static final long SLICE = 100_000_000;

  /** {@code PRIO_PROCESS} of {@code getpriority(2)}, which means a thread. */
  private static final int THREAD = 0;

  private static final int THIS = 0;

  /** Bytes of the first version of {@code struct sched_attr}, and where its fields are. */
  private static final int ATTRIBUTES = 48;

  private static final int NICE_AT = 16;
  private static final int RUNTIME_AT = 24;

  private static final @Nullable MethodHandle NICE =
      SystemCalls.find("getpriority", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

  private static final @Nullable MethodHandle SYSCALL =
      SystemCalls.find(
          "syscall",
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT),
          Linker.Option.firstVariadicArg(1));

  private BackgroundThreads() {}

  /** Makes daemon threads of that name. */
  public static ThreadFactory named(String name) {
    ThreadFactory plain = Thread.ofPlatform().daemon().name(name).factory();
    return work ->
        plain.newThread(
            () -> {
              giveWay(THIS);
              work.run();
            });
  }

  /**
   * Lets the JVM's compilers give way, too, those that there are now, for good: for a process whose
   * callers' code is compiled. Nothing where threads have no names to be found by.
   */
  public static void compilersGiveWay() {
    Path threads = Path.of("/proc/self/task");
    String[] numbers = threads.toFile().list();
    if (numbers != null) {
      for (String number : numbers) {
        if (isCompiler(threads.resolve(number).resolve("comm"))) {
          giveWay(Integer.parseInt(number));
        }
      }
    }
  }

  private static boolean isCompiler(Path name) {
    try {
      String found = Files.readString(name);
      return found.startsWith("C1 Compiler") || found.startsWith("C2 Compiler");
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  /**
   * Lowers a thread.
   *
   * @param thread by the system's number; {@link #THIS} for the calling one
   */
  private static void giveWay(int thread) {
    MethodHandle nice = NICE;
    MethodHandle call = SYSCALL;
    long number = setAttributes();
    if (nice == null || call == null || number < 0) {
      return;
    }
    try (Arena arena = Arena.ofConfined()) {
      int process = (int) ProcessHandle.current().pid();
      int now = (int) SystemCalls.call(() -> (int) nice.invokeExact(THREAD, process));
      MemorySegment attributes = arena.allocate(ATTRIBUTES, 8);
      attributes.set(JAVA_INT, 0, ATTRIBUTES);
      attributes.set(JAVA_INT, NICE_AT, Math.min(NICEST, now + NICER));
      attributes.set(JAVA_LONG, RUNTIME_AT, SLICE);
      // A system that does not want this is no reason not to work.
      long _ = SystemCalls.call(() -> (long) call.invokeExact(number, thread, attributes, 0));
    }
  }

  /**
   * The number of {@code sched_setattr}, for which the C library has no function; -1 if unknown.
   */
  private static long setAttributes() {
    return switch (System.getProperty("os.arch")) {
      case "amd64" -> 314;
      case "aarch64" -> 274;
      default -> -1;
    };
  }
}
