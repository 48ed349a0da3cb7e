package dev.nagare.streaming;

import dev.nagare.models.repository.CanaryShare;
import dev.nagare.streaming.protocol.ProtocolException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Which models answer, and how that is changed while they do. Safe for any thread.
 *
 * <p>Failures are {@link ProtocolException}s: status 404 for a model that is not in the repository,
 * or cannot be, 400 for one that cannot be loaded or learns, 501 if there is no repository.
 *
 * <p>What a call decides lasts until the model is loaded again: then its folder decides.
 */
public interface ModelControl {

  /** What a version of a model does. */
  enum State {
    /** It answers. */
    READY,
    /** It does not answer. */
    UNAVAILABLE,
    /** It is being compiled and warmed up. */
    LOADING,
    /** It takes no more requests and answers those that it has. */
    UNLOADING
  }

  /**
   * A version of a model.
   *
   * @param name of the model
   * @param version of the model; null if there is none that could be loaded
   * @param state of the version
   * @param reason why it does not answer; empty if it does and the folder can be read
   */
  record Entry(String name, @Nullable String version, State state, String reason) {}

  /**
   * Refuses what cannot be sent along with a {@link #load}: a configuration or a file.
   *
   * @param parameters names of those that came
   * @throws ProtocolException status 501 that names the first one
   */
  static void requireNothingSent(Iterable<String> parameters) {
    for (String name : parameters) {
      if (name.equals("config") || name.startsWith("file:")) {
        throw new ProtocolException(
            501,
            "parameter "
                + name
                + ": models are loaded as they lie in the repository's folder; put it there");
      }
    }
  }

  /** Every version of every model, those that learn included. Reads the folder, so it may block. */
  List<Entry> index();

  /**
   * Loads the versions of a model that its folder says, as it is on disk now; what has not changed
   * stays. The versions that answered before go on until the new ones are warm, then answer what
   * they accepted and are freed.
   *
   * @return completes when the new versions answer, on the thread that loaded them
   */
  CompletionStage<Void> load(String name);

  /**
   * Takes a model out. What it accepted is answered, then it is freed.
   *
   * @return completes when nothing new is accepted
   */
  CompletionStage<Void> unload(String name);

  /**
   * Lets a version answer a part of the requests that name none; loads it if it does not answer
   * yet; or, as a shadow, answer copies of them that nobody gets. It takes the place of another.
   *
   * @return completes when it answers
   */
  CompletionStage<CanaryReport> tryCanary(String name, CanaryShare canary);

  /** The canary answers all requests that name no version; the one that did may leave. */
  CompletionStage<CanaryReport> promoteCanary(String name);

  /** The canary answers no more requests that name no version; its version may leave. */
  CompletionStage<CanaryReport> abandonCanary(String name);

  /** How the canary does; 404 if there is none. */
  CanaryReport canary(String name);
}
