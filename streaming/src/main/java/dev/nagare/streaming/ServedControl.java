package dev.nagare.streaming;

import dev.nagare.models.repository.CanaryShare;
import dev.nagare.models.repository.ModelName;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The models that learn, which come and go with the process, and those of the repository. */
final class ServedControl implements ModelControl {
  private final Collection<ModelService> learning;
  private final @Nullable ModelControl repository;
  private final boolean polled;

  ServedControl(
      Collection<ModelService> learning, @Nullable ModelControl repository, boolean polled) {
    this.learning = learning;
    this.repository = repository;
    this.polled = polled;
  }

  @Override
  public List<Entry> index() {
    List<Entry> entries = new ArrayList<>();
    for (ModelService model : learning) {
      ModelStatus status = model.status();
      entries.add(
          new Entry(
              model.name(),
              Long.toString(status.version()),
              status.ready() ? State.READY : State.LOADING,
              status.ready() ? "" : "it is being warmed up"));
    }
    if (repository != null) {
      entries.addAll(repository.index());
    }
    return entries;
  }

  @Override
  public CompletionStage<Void> load(String name) {
    return change(name, control -> control.load(name));
  }

  @Override
  public CompletionStage<Void> unload(String name) {
    return change(name, control -> control.unload(name));
  }

  @Override
  public CompletionStage<CanaryReport> tryCanary(String name, CanaryShare canary) {
    return change(name, control -> control.tryCanary(name, canary));
  }

  @Override
  public CompletionStage<CanaryReport> promoteCanary(String name) {
    return change(name, control -> control.promoteCanary(name));
  }

  @Override
  public CompletionStage<CanaryReport> abandonCanary(String name) {
    return change(name, control -> control.abandonCanary(name));
  }

  @Override
  public CanaryReport canary(String name) {
    return of(name).canary(name);
  }

  private <T extends @Nullable Object> CompletionStage<T> change(
      String name, Function<ModelControl, CompletionStage<T>> how) {
    try {
      ModelControl control = of(name);
      if (polled) {
        throw new ProtocolException(
            501,
            "models follow the folder here (repository.control: poll): change the folder, or the"
                + " configuration to api");
      }
      return how.apply(control);
    } catch (ProtocolException refusal) {
      return CompletableFuture.failedFuture(refusal);
    }
  }

  private ModelControl of(String name) {
    String fault = ModelName.fault(name);
    if (fault != null) {
      throw new ProtocolException(404, fault);
    }
    if (learning.stream().anyMatch(model -> model.name().equals(name))) {
      throw new ProtocolException(
          400, "model '" + name + "' learns: it is loaded as long as this server runs");
    }
    if (repository == null) {
      throw new ProtocolException(
          501, "there is no folder of models here: repository in the configuration names one");
    }
    return repository;
  }
}
