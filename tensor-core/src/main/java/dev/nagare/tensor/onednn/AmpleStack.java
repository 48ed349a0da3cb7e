package dev.nagare.tensor.onednn;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * Runs what needs more stack than the caller may have.
 *
 * <p>Opening oneDNN and making its primitives take more than half a megabyte of the calling
 * thread's stack, and a native overflow ends the process. Running a ready primitive takes little.
 */
final class AmpleStack {
  private static final long BYTES = 16L << 20; // reserved, not used: untouched stack costs nothing

  private AmpleStack() {}

  /** The result of the call, which another thread makes while this one waits. */
  static <T> T call(Supplier<T> call) {
    var result = new CompletableFuture<T>();
    Thread.ofPlatform()
        .name("onednn-ample-stack")
        .daemon()
        .stackSize(BYTES)
        .start(() -> result.completeAsync(call, Runnable::run));
    try {
      return result.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }
}
