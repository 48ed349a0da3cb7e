package dev.nagare.server;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets a second SIGTERM, or a second Ctrl-C, end the process at once, which the JVM itself ignores
 * while it is shutting down. The first one shuts down as always. One of each are no two: a parent
 * that gets Ctrl-C together with its child sends it SIGTERM.
 *
 * <p>Signals can be handled by a class of the JDK only that is no part of Java, and that the
 * compiler warns of: it is called by its name, and where it is missing the second signal waits for
 * the first.
 */
final class SecondSignal {
  private static final Logger LOG = LoggerFactory.getLogger(SecondSignal.class);

  private SecondSignal() {}

  static void endsAtOnce() {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      for (String name : List.of("TERM", "INT")) {
        var asked = new AtomicBoolean();
        Object of = signal.getConstructor(String.class).newInstance(name);
        int exitCode = 128 + (int) signal.getMethod("getNumber").invoke(of);
        InvocationHandler caught =
            (proxy, method, arguments) ->
                method.getName().equals("handle")
                    ? end(asked, exitCode)
                    : method.invoke(asked, arguments); // those of every object
        Object handling =
            Proxy.newProxyInstance(
                SecondSignal.class.getClassLoader(), new Class<?>[] {handler}, caught);
        signal.getMethod("handle", signal, handler).invoke(null, of, handling);
      }
    } catch (ReflectiveOperationException | RuntimeException e) {
      LOG.debug("A second signal waits for the first", e);
    }
  }

  @SuppressWarnings("SystemExitOutsideMain")
  private static @Nullable Object end(AtomicBoolean asked, int exitCode) {
    if (asked.compareAndSet(false, true)) {
      System.exit(exitCode); // the hooks drain and end the process with a code of their own
    } else {
      Runtime.getRuntime().halt(exitCode);
    }
    return null;
  }
}
