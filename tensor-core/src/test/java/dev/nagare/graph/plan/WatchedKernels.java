package dev.nagare.graph.plan;

import dev.nagare.tensor.kernel.KernelProviders;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The kernels of this machine, each of which passes by a test when it is made. */
final class WatchedKernels {
  private WatchedKernels() {}

  /** Makes a kernel, another one instead, or none. */
  interface Watcher {
    PreparedKernel make(Object spec, Supplier<PreparedKernel> kernel);
  }

  /** What a proxy does. */
  interface Answer {
    @Nullable Object to(Method method, Object @Nullable [] arguments);
  }

  static Kernels of(Watcher watcher) {
    Kernels kernels = KernelProviders.best().kernels();
    PreparedKernels prepared = prepared(watcher);
    return proxy(
        Kernels.class,
        (method, arguments) ->
            method.getName().equals("prepared") ? prepared : call(kernels, method, arguments));
  }

  static PreparedKernels prepared(Watcher watcher) {
    PreparedKernels kernels = KernelProviders.best().kernels().prepared();
    return proxy(
        PreparedKernels.class,
        (method, arguments) ->
            arguments == null
                ? call(kernels, method, null)
                : watcher.make(
                    arguments[0],
                    () ->
                        (PreparedKernel) Objects.requireNonNull(call(kernels, method, arguments))));
  }

  static <T> T proxy(Class<T> type, Answer answer) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answer.to(method, arguments)));
  }

  static @Nullable Object call(Object target, Method method, Object @Nullable [] arguments) {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new AssertionError(e);
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}
