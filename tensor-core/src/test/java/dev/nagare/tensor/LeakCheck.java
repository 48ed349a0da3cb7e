package dev.nagare.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Lets a test class fail that opened memory and did not close it; found by JUnit as a service.
 *
 * <p>What the collector does not find before the next class ends is reported there, with the line
 * that opened it.
 */
public final class LeakCheck implements AfterAllCallback {
  private static final int COLLECTIONS = 2;

  /** For JUnit. */
  public LeakCheck() {}

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    if (Leaks.level() == Leaks.Level.OFF || context.getParent().isEmpty()) {
      return;
    }
    collect();
    List<Leaks.Leak> leaks = Leaks.drain();
    assertThat(leaks).as("memory that was opened and never closed").isEmpty();
  }

  /** Lets the collector run until what was unreachable at the call has been told. */
  static void collect() throws InterruptedException {
    for (int i = 0; i < COLLECTIONS; i++) {
      var told = new CountDownLatch(1);
      Leaks.Collector.CLEANER.register(new Object(), told::countDown);
      for (int attempt = 0; attempt < 100 && told.getCount() > 0; attempt++) {
        System.gc();
        if (told.await(20, TimeUnit.MILLISECONDS)) {
          break;
        }
      }
    }
  }
}
