package dev.nagare.server;

import dev.nagare.models.repository.CanaryShare;
import dev.nagare.streaming.CanaryReport;
import dev.nagare.streaming.ModelControl;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A repository of one model, {@code pulse}, that is loaded and unloaded at once. */
public final class FakeControl implements ModelControl {
  @Override
  public List<Entry> index() {
    return List.of(new Entry("pulse", "7", State.READY, ""));
  }

  @Override
  public CompletionStage<Void> load(String name) {
    return name.equals("pulse")
        ? CompletableFuture.completedFuture(null)
        : CompletableFuture.failedFuture(
            new ProtocolException(404, "there is no model '" + name + "' in the repository"));
  }

  @Override
  public CompletionStage<Void> unload(String name) {
    return load(name);
  }

  @Override
  public CompletionStage<CanaryReport> tryCanary(String name, CanaryShare canary) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<CanaryReport> promoteCanary(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CompletionStage<CanaryReport> abandonCanary(String name) {
    throw new UnsupportedOperationException();
  }

  @Override
  public CanaryReport canary(String name) {
    throw new UnsupportedOperationException();
  }
}
