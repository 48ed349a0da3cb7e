package dev.nagare.server.doctor;

import dev.nagare.tensor.TensorException;
import dev.nagare.tensor.kernel.KernelProvider;
import dev.nagare.tensor.kernel.VectorKernelProvider;
import java.util.ServiceLoader;

/**
 * Tries the kernels in a JVM of its own that has the server's flags: what it sees is what the
 * server would see, and a native library that crashes takes only this process with it.
 *
 * <p>Prints one line per thing, fields separated by tabs: {@code vector yes|no}, {@code native
 * yes|no}, {@code kernels <provider> ok <id>}, {@code kernels <provider> refused <reason>}.
 */
final class KernelProbe {
  private KernelProbe() {}

  /** Looks and prints. */
  public static void main(String[] args) {
    say("vector", yes(VectorKernelProvider.hasVectors()));
    say("native", yes(KernelProbe.class.getModule().isNativeAccessEnabled()));
    for (KernelProvider provider : ServiceLoader.load(KernelProvider.class)) {
      try {
        say("kernels", provider.name(), "ok", provider.kernels().id());
      } catch (TensorException | LinkageError e) {
        say("kernels", provider.name(), "refused", String.valueOf(e.getMessage()));
      }
    }
  }

  private static String yes(boolean holds) {
    return holds ? "yes" : "no";
  }

  private static void say(String... fields) {
    System.out.println(String.join("\t", fields).replaceAll("\\R", " "));
  }
}
