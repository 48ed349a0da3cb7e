package dev.nagare.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/** What the C library offers on Linux; nothing elsewhere. */
@SuppressWarnings("restricted")
final class SystemCalls {
  private static final boolean LINUX = System.getProperty("os.name").equals("Linux");

  private SystemCalls() {}

  /** A call whose result is a number. */
  @FunctionalInterface
  interface Call {
    /** Calls; the library's functions throw nothing. */
    long run() throws Throwable;
  }

  /** A function of the library; null if it is not there. */
  static @Nullable MethodHandle find(
      String name, FunctionDescriptor type, Linker.Option... options) {
    if (!LINUX) {
      return null;
    }
    Linker linker = Linker.nativeLinker();
    return linker
        .defaultLookup()
        .find(name)
        .map(address -> linker.downcallHandle(address, type, options))
        .orElse(null);
  }

  /** The result of a call. */
  static long call(Call call) {
    try {
      return call.run();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("a call of the system: " + e, e);
    }
  }
}
