package dev.nagare.models.onnx;

import dev.nagare.tensor.Tensor;
import dev.nagare.tensor.kernel.Kernels;
import dev.nagare.tensor.kernel.prepared.PreparedKernel;
import dev.nagare.tensor.kernel.prepared.PreparedKernels;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Kernels that say of how many tokens each run of an attention was.
 *
 * @param tokens receives it
 */
record WatchedAttention(List<Long> tokens) {
  private static final int OFFSETS = 3;

  Kernels kernels(Kernels kernels) {
    PreparedKernels prepared =
        proxy(
            PreparedKernels.class,
            (method, arguments) -> {
              Object made = call(kernels.prepared(), method, arguments);
              boolean attends = method.getName().equals("raggedAttention");
              return attends && made instanceof PreparedKernel one ? kernel(one) : made;
            });
    return proxy(
        Kernels.class,
        (method, arguments) ->
            method.getName().equals("prepared") ? prepared : call(kernels, method, arguments));
  }

  private PreparedKernel kernel(PreparedKernel kernel) {
    return proxy(
        PreparedKernel.class,
        (method, arguments) -> {
          Object result = call(kernel, method, arguments);
          return result instanceof PreparedKernel.Call opened ? new Watched(opened) : result;
        });
  }

  /** An argument set whose offsets are known. */
  private final class Watched implements PreparedKernel.Call {
    private final PreparedKernel.Call call;
    private @Nullable Tensor offsets;

    Watched(PreparedKernel.Call call) {
      this.call = call;
    }

    @Override
    public PreparedKernel.Call input(int index, Tensor x) {
      if (index == OFFSETS) {
        offsets = x;
      }
      call.input(index, x);
      return this;
    }

    @Override
    public PreparedKernel.Call weight(Tensor packed) {
      call.weight(packed);
      return this;
    }

    @Override
    public PreparedKernel.Call bias(Tensor bias) {
      call.bias(bias);
      return this;
    }

    @Override
    public PreparedKernel.Call operand(int postOp, Tensor operand) {
      call.operand(postOp, operand);
      return this;
    }

    @Override
    public PreparedKernel.Call output(Tensor y) {
      call.output(y);
      return this;
    }

    @Override
    public void run() {
      Tensor ends = offsets;
      if (ends != null) {
        tokens.add(ends.getLong(ends.elements() - 1));
      }
      call.run();
    }

    @Override
    public void close() {
      call.close();
    }
  }

  interface Answer {
    @Nullable Object to(Method method, Object @Nullable [] arguments);
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
