package dev.nagare.tensor.kernel;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the threads that compute: platform daemon threads {@code lane-0}, {@code lane-1}, …, each
 * prepared for its provider before it does anything else.
 */
public final class LaneThreads implements ThreadFactory {
  private final KernelProvider provider;
  private final AtomicInteger next = new AtomicInteger();

  /** Creates a factory for lanes that use this provider's kernels. */
  public LaneThreads(KernelProvider provider) {
    this.provider = provider;
  }

  @Override
  public Thread newThread(Runnable work) {
    return Thread.ofPlatform()
        .name("lane-" + next.getAndIncrement())
        .daemon()
        .unstarted(
            () -> {
              provider.prepareThread();
              work.run();
            });
  }
}
